package import MMBytes
internal import MMTensors

/// What is wrong with a safetensors file, where, and what would be allowed.
package struct SafetensorsError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case truncated(needed: Int, available: Int)
        case headerTooLarge(found: UInt64, allowed: Int)
        case headerTooSmall(found: UInt64)
        case headerStart(found: UInt8)
        case headerPadding(found: UInt8)
        case json(ParseError.Reason)
        case duplicateTensor
        case badName
        case tooManyTensors(allowed: Int)
        case tooMuchMetadata(allowed: Int)
        case unknownMember(ByteString)
        case missingMember(ByteString)
        case unknownType(ByteString)
        case tooManyDimensions(allowed: Int)
        case sizeOverflow
        case partialByte(elementCount: Int)
        case extentCount(found: Int)
        case extentReversed(begin: Int, end: Int)
        case wrongExtent(found: Int, needed: Int)
        case hole(found: Int, expected: Int)
        case overlap(found: Int, expected: Int)
        case dataTruncated(needed: Int, available: Int)
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
        case .headerTooLarge(let found, let allowed): "header of \(found) bytes; at most \(allowed) are allowed"
        case .headerTooSmall(let found): "header of \(found) bytes; the shortest has 2"
        case .headerStart(let found): "header begins with byte \(found); it must begin with '{'"
        case .headerPadding(let found): "header is padded with byte \(found); only spaces are allowed"
        case .json(let reason): reason.description
        case .duplicateTensor: "the name stands twice in the header"
        case .badName: "the name holds a control character"
        case .tooManyTensors(let allowed): "more than \(allowed) tensors"
        case .tooMuchMetadata(let allowed): "more than \(allowed) entries of metadata"
        case .unknownMember(let name): "unknown member \"\(name)\"; dtype, shape and data_offsets are allowed"
        case .missingMember(let name): "\"\(name)\" is missing"
        case .unknownType(let name): "unknown dtype \"\(name)\""
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
