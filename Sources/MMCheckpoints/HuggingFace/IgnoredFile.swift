package import MMBytes

/// An entry of a folder that is neither read nor carried along, and why.
package struct IgnoredFile: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case notRegularFile
        /// A kind of file that a model does not need to run.
        case otherKind
        /// A `.safetensors` file that the index does not name.
        case notInIndex
        /// The index itself: the bundle has an order of its own.
        case index
        case tooLarge(byteCount: Int, allowed: Int)
        case hidden
    }

    package let name: ByteString
    package let reason: Reason
}

extension IgnoredFile.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notRegularFile: "not a regular file"
        case .otherKind: "a kind of file that is not carried along"
        case .notInIndex: "weights that the index does not name"
        case .index: "the index of the shards"
        case .tooLarge(let byteCount, let allowed): "\(byteCount) bytes; at most \(allowed) are carried along"
        case .hidden: "hidden"
        }
    }
}
