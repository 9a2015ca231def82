package import MMBytes
package import MMTensors

/// What is wrong with a GGUF file, where, and what would be allowed.
package struct GGUFError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case badMagic(found: UInt32)
        case bigEndian
        case unsupportedVersion(found: UInt32)
        case truncated(needed: Int, available: Int)
        case headerTooLarge(allowed: Int)
        case tooManyTensors(found: UInt64, allowed: UInt64)
        case tooManyKeys(found: UInt64, allowed: UInt64)
        case arrayBeyondFile(found: UInt64, available: Int)
        case stringBeyondFile(found: UInt64, available: Int)
        case unknownValueType(UInt32)
        case nestedArray
        case badBool(UInt8)
        case emptyKey
        case keyTooLong(found: Int, allowed: Int)
        case duplicateKey
        case invalidUTF8
        case controlCharacter
        case sectionTrailingBytes(found: Int)
        case alignmentType
        case badAlignment(UInt32)
        case alignmentTooLarge(found: UInt32, allowed: UInt32)
        case emptyName
        case nameTooLong(found: Int, allowed: Int)
        case duplicateTensor
        case tooManyDimensions(found: UInt32, allowed: UInt32)
        case dimensionTooLarge(UInt64)
        case sizeOverflow
        case unknownType(UInt32)
        case removedType(UInt32)
        case partialBlock(rowElementCount: Int, type: ElementType)
        case unalignedOffset(found: UInt64, alignment: Int)
        case unsortedOffset(found: UInt64, expected: Int)
        case gap(found: UInt64, expected: Int)
        case overlap(found: UInt64, expected: Int)
        case dataTruncated(needed: Int, available: Int)
        case paddingNotZero
        case trailingBytes(found: Int)
    }

    package let reason: Reason
    package let path: String
    /// The key or the tensor that it is about, where it is about one.
    package let name: ByteString?
    /// Bytes from the start of the file, or of the section where a key-value section is read alone.
    package let offset: Int

    @inline(never)
    package init(_ reason: Reason, path: String, name: ByteString? = nil, offset: Int) {
        self.reason = reason
        self.path = path
        self.name = name
        self.offset = offset
    }

    package var category: ErrorCategory { .badData }

    package var description: String {
        let about = name.map { ": \"\($0)\"" } ?? ""
        return "\(ByteString(path))\(about): offset \(offset): \(reason.text)"
    }
}

extension GGUFError.Reason {
    fileprivate var text: String {
        switch self {
        case .badMagic(let found): "begins with 0x\(String(found, radix: 16)), not with \"GGUF\""
        case .bigEndian: "is a big-endian GGUF file; little-endian ones are read"
        case .unsupportedVersion(let found): "GGUF version \(found); versions 2 and 3 are read"
        case .truncated(let needed, let available): "ends early: \(needed) bytes needed, \(available) left"
        case .headerTooLarge(let allowed): "metadata and tensor infos take more than the \(allowed) bytes allowed"
        case .tooManyTensors(let found, let allowed): "\(found) tensors claimed; at most \(allowed) can be here"
        case .tooManyKeys(let found, let allowed): "\(found) keys claimed; at most \(allowed) can be here"
        case .arrayBeyondFile(let found, let available): "array of \(found) elements; \(available) bytes are left"
        case .stringBeyondFile(let found, let available): "string of \(found) bytes; \(available) are left"
        case .unknownValueType(let id): "unknown value type \(id); 0 to 12 are known"
        case .nestedArray: "array of arrays; arrays of numbers, bools and strings are allowed"
        case .badBool(let found): "bool of \(found); 0 and 1 are allowed"
        case .emptyKey: "key without a name"
        case .keyTooLong(let found, let allowed): "key of \(found) bytes; at most \(allowed) are allowed"
        case .duplicateKey: "the key stands twice in the metadata"
        case .invalidUTF8: "text is not valid UTF-8"
        case .controlCharacter: "the name holds a control character"
        case .sectionTrailingBytes(let found): "\(found) bytes after the last key; none are allowed"
        case .alignmentType: "the alignment is not a u32"
        case .badAlignment(let found): "alignment of \(found); powers of two are allowed"
        case .alignmentTooLarge(let found, let allowed): "alignment of \(found); at most \(allowed) is allowed"
        case .emptyName: "tensor without a name"
        case .nameTooLong(let found, let allowed): "name of \(found) bytes; at most \(allowed) are allowed"
        case .duplicateTensor: "the name stands twice among the tensors"
        case .tooManyDimensions(let found, let allowed): "\(found) dimensions; at most \(allowed) are allowed"
        case .dimensionTooLarge(let found): "dimension of \(found); at most 2^63 - 1 is allowed"
        case .sizeOverflow: "the size does not fit 63 bits"
        case .unknownType(let id): "unknown element type \(id); ids below 43 are known"
        case .removedType(let id): "element type \(id) was removed from GGML"
        case .partialBlock(let count, let type):
            "rows of \(count) elements; \(type) needs multiples of \(type.block.elementCount)"
        case .unalignedOffset(let found, let alignment): "data at \(found), not a multiple of \(alignment)"
        case .unsortedOffset(let found, let expected): "data at \(found) where \(expected) comes next: out of order"
        case .gap(let found, let expected): "data at \(found) leaves a gap after \(expected)"
        case .overlap(let found, let expected): "data at \(found), inside what ends at \(expected)"
        case .dataTruncated(let needed, let available): "file of \(needed) bytes needed, \(available) there"
        case .paddingNotZero: "padding holds a byte that is not zero"
        case .trailingBytes(let found): "\(found) bytes after the last tensor; none are allowed"
        }
    }
}
