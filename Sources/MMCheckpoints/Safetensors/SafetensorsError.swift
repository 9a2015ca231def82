package import MMBytes
internal import MMTensors

/// What is wrong with a safetensors file, where, and what would be allowed.
package struct SafetensorsError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case truncated(needed: Int, available: Int)
        case headerTruncated(needed: Int, available: Int)
        case headerTooLarge(found: UInt64, allowed: Int)
        case headerTooSmall(found: UInt64)
        case headerStart(found: UInt8)
        case headerPadding(found: UInt8)
        case json(ParseError.Reason)
        case duplicateTensor
        case badName
        case tooManyTensors(allowed: Int)
        case tooMuchMetadata(allowed: Int)
        case metadataNotStrings
        case unknownMember(ByteString)
        case missingMember(ByteString)
        case unknownType(ByteString)
        case badDimension
        case badOffset
        case tooManyDimensions(allowed: Int)
        case sizeOverflow
        case partialByte(elementCount: Int)
        case extentCount(found: Int)
        case extentReversed(begin: UInt64, end: UInt64)
        case wrongExtent(found: UInt64, needed: Int)
        case hole(found: UInt64, expected: UInt64)
        case overlap(found: UInt64, expected: UInt64)
        case dataTruncated(needed: UInt64, available: Int)
        case trailingBytes(found: Int)
    }

    package let reason: Reason
    package let path: String
    /// The tensor that it is about, where it is about one.
    package let tensor: ByteString?
    /// Bytes from the start of the file.
    package let offset: Int

    @inline(never)
    package init(_ reason: Reason, path: String, tensor: ByteString? = nil, offset: Int) {
        self.reason = reason
        self.path = path
        self.tensor = tensor
        self.offset = offset
    }

    package var category: ErrorCategory { .badData }

    package var description: String {
        let about = tensor.map { ": tensor \"\($0)\"" } ?? ""
        return "\(ByteString(path))\(about): offset \(offset): \(reason.text)"
    }
}

extension SafetensorsError.Reason {
    fileprivate var text: String {
        switch self {
        case .truncated(let needed, let available): "ends early: \(needed) bytes needed, \(available) there"
        case .headerTruncated(let needed, let available):
            "header of \(needed) bytes claimed, \(available) left in the file"
        case .headerTooLarge(let found, let allowed): "header of \(found) bytes; at most \(allowed) are allowed"
        case .headerTooSmall(let found): "header of \(found) bytes; the shortest has 2"
        case .headerStart(let found): "header begins with byte \(found); it must begin with '{'"
        case .headerPadding(let found): "header is padded with byte \(found); only spaces are allowed"
        case .json(let reason): reason.description
        case .duplicateTensor: "the name stands twice in the header"
        case .badName: "the name holds a control character"
        case .tooManyTensors(let allowed): "more than \(allowed) tensors"
        case .tooMuchMetadata(let allowed): "more than \(allowed) entries of metadata"
        case .metadataNotStrings: "__metadata__ is not an object of strings"
        case .unknownMember(let name): "unknown member \"\(name)\"; dtype, shape and data_offsets are allowed"
        case .missingMember(let name): "\"\(name)\" is missing"
        case .unknownType(let name): "unknown dtype \"\(name)\""
        case .badDimension: "the shape holds what is not a whole number from 0 to 2^63 - 1"
        case .badOffset: "data_offsets hold what is not a whole number from 0 to 2^64 - 1"
        case .tooManyDimensions(let allowed): "more than \(allowed) dimensions"
        case .sizeOverflow: "the product of the shape does not fit 63 bits"
        case .partialByte(let count): "\(count) elements do not fill whole bytes"
        case .extentCount(let found): "data_offsets has \(found) numbers; it must have 2"
        case .extentReversed(let begin, let end): "data_offsets end at \(end), before they begin at \(begin)"
        case .wrongExtent(let found, let needed): "data_offsets span \(found) bytes; dtype and shape need \(needed)"
        case .hole(let found, let expected): "data begins at \(found) and leaves a hole after \(expected)"
        case .overlap(let found, let expected): "data begins at \(found), inside the tensor that ends at \(expected)"
        case .dataTruncated(let needed, let available): "\(needed) bytes of data needed, \(available) there"
        case .trailingBytes(let found): "\(found) bytes after the last tensor; none are allowed"
        }
    }
}

extension SafetensorsError {
    /// The rule that is broken, in the words of the fixtures.
    package var reasonName: String {
        switch reason {
        case .truncated: "truncated"
        case .headerTruncated: "header-beyond-file"
        case .headerTooLarge: "header-too-long"
        case .headerTooSmall: "header-empty"
        case .headerStart: "header-not-an-object"
        case .headerPadding: "invalid-json"
        case .json(let reason): reason.reasonName
        case .duplicateTensor: "duplicate-name"
        case .badName: "control-character-in-name"
        case .tooManyTensors, .tooMuchMetadata: "count-too-large"
        case .metadataNotStrings: "metadata-not-strings"
        case .unknownMember: "unknown-key"
        case .missingMember: "missing-key"
        case .unknownType: "unknown-dtype"
        case .badDimension: "not-an-extent"
        case .badOffset: "not-an-offset"
        case .tooManyDimensions: "rank-too-high"
        case .sizeOverflow: "size-overflow"
        case .partialByte, .wrongExtent: "extent-mismatch"
        case .extentCount: "wrong-type"
        case .extentReversed: "begin-after-end"
        case .hole: "hole"
        case .overlap: "overlap"
        case .dataTruncated: "extent-beyond-file"
        case .trailingBytes: "trailing-bytes"
        }
    }
}
