package import MMBytes

/// Why a folder is not a Hugging Face checkpoint that can be read, or contradicts itself.
package struct HuggingFaceError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case noWeights(otherWeights: ByteString?)
        case severalFilesWithoutIndex(count: Int)
        case json(ParseError.Reason, offset: Int)
        case missingWeightMap
        case emptyWeightMap
        case nameNotPlain(ByteString)
        case shardMissing(ByteString)
        case shardNotFile(ByteString)
        case tensorMissing(shard: ByteString)
        case tensorNotInIndex
        case otherShard(named: ByteString)
        case duplicateTensor(other: ByteString)
        case tooManyTensors(allowed: Int)
        case configurationNotObject
        case assetsTooLarge(allowed: Int)
    }

    package let reason: Reason
    package let path: String
    /// The tensor that it is about, where it is about one.
    package let tensor: ByteString?

    @inline(never)
    package init(_ reason: Reason, path: String, tensor: ByteString? = nil) {
        self.reason = reason
        self.path = path
        self.tensor = tensor
    }

    package var category: ErrorCategory { .badData }

    package var description: String {
        let about = tensor.map { ": tensor \"\($0)\"" } ?? ""
        return "\(ByteString(path))\(about): \(reason.text)"
    }

    /// The rule that is broken, in the words of the fixtures.
    package var reasonName: String {
        switch reason {
        case .noWeights: "no-weights"
        case .severalFilesWithoutIndex: "no-index"
        case .json(let reason, _): reason.reasonName
        case .missingWeightMap: "missing-key"
        case .emptyWeightMap: "no-weights"
        case .nameNotPlain: "shard-name-not-plain"
        case .shardMissing: "shard-missing"
        case .shardNotFile: "shard-not-a-file"
        case .tensorMissing: "tensor-missing"
        case .tensorNotInIndex: "tensor-not-in-index"
        case .otherShard: "tensor-in-other-shard"
        case .duplicateTensor: "duplicate-name"
        case .tooManyTensors, .assetsTooLarge: "count-too-large"
        case .configurationNotObject: "wrong-type"
        }
    }
}

extension HuggingFaceError.Reason {
    fileprivate var text: String {
        switch self {
        case .noWeights(let other):
            "no .safetensors file in the folder"
                + (other.map { "; it has \"\($0)\", a format that is not read from a folder" } ?? "")
        case .severalFilesWithoutIndex(let count):
            "\(count) .safetensors files and no model.safetensors.index.json that says how they belong together"
        case .json(let reason, let offset): "offset \(offset): \(reason)"
        case .missingWeightMap: "\"weight_map\" is missing"
        case .emptyWeightMap: "\"weight_map\" names no tensor"
        case .nameNotPlain(let name):
            "the index names the file \"\(name)\"; plain names that end in .safetensors are allowed"
        case .shardMissing(let name): "the index names \"\(name)\", which is not there"
        case .shardNotFile(let name): "the index names \"\(name)\", which is not a regular file"
        case .tensorMissing(let shard): "the index places it in \"\(shard)\", which does not have it"
        case .tensorNotInIndex: "the index does not name it"
        case .otherShard(let named): "the index places it in \"\(named)\""
        case .duplicateTensor(let other): "it is in \"\(other)\" as well"
        case .tooManyTensors(let allowed): "the index names more than \(allowed) tensors"
        case .configurationNotObject: "the configuration is not a JSON object"
        case .assetsTooLarge(let allowed): "files beside the weights take more than the \(allowed) bytes allowed"
        }
    }
}
