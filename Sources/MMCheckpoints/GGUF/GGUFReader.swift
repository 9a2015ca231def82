internal import MMBytes
internal import MMTensors

/// Reads the parts of a header from its first bytes, comparing every claim with the bytes that the whole file has.
struct GGUFReader: ~Escapable, ~Copyable {
    private var reader: ByteReader
    /// Bytes of the file; those given may be fewer, and then reading past them throws `ParseError`, for the caller to
    /// come back with more.
    private let fileByteCount: Int
    private let path: String

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, fileByteCount: Int, path: String) {
        reader = ByteReader(bytes)
        self.fileByteCount = fileByteCount
        self.path = path
    }

    var offset: Int { reader.offset }
    private var remainingByteCount: Int { fileByteCount - reader.offset }

    @_lifetime(self: copy self)
    mutating func little<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type = T.self) throws(ParseError) -> T {
        try reader.little(type)
    }

    /// Reads the version and refuses those that are not read here.
    @_lifetime(self: copy self)
    mutating func version() throws -> UInt32 {
        let start = offset
        let version: UInt32 = try reader.little()
        // The low half of a little-endian version is never zero (gguf.cpp uses the same sign).
        if version & 0xFFFF == 0, version != 0 { throw failure(.bigEndian, at: start) }
        guard GGUF.versions.contains(version) else { throw failure(.unsupportedVersion(found: version), at: start) }
        return version
    }

    /// Reads the number of tensors; each takes at least 25 bytes: lengths, type, offset and a name of one byte.
    @_lifetime(self: copy self)
    mutating func tensorCount() throws -> Int {
        let start = offset
        let count: UInt64 = try reader.little()
        let allowed = min(GGUF.tensorCountLimit, UInt64(remainingByteCount / 25))
        guard count <= allowed else { throw failure(.tooManyTensors(found: count, allowed: allowed), at: start) }
        return Int(count)
    }

    /// Reads the number of keys; each takes at least 14 bytes: length, a key of one byte, type and a value of one.
    @_lifetime(self: copy self)
    mutating func keyCount() throws -> Int {
        let start = offset
        let count: UInt64 = try reader.little()
        let allowed = min(GGUF.keyCountLimit, UInt64(remainingByteCount / 14))
        guard count <= allowed else { throw failure(.tooManyKeys(found: count, allowed: allowed), at: start) }
        return Int(count)
    }

    /// Reads `count` keys and values.
    @_lifetime(self: copy self)
    mutating func entries(count: Int) throws -> [GGUFEntry] {
        var entries: [GGUFEntry] = []
        var keys = NameSet()
        for _ in 0..<count {
            let start = offset
            let key = try string(name: nil)
            guard !key.isEmpty else { throw failure(.emptyKey, at: start) }
            guard key.count <= GGUF.keyByteLimit else {
                throw failure(.keyTooLong(found: key.count, allowed: GGUF.keyByteLimit), at: start)
            }
            guard !key.hasControlCharacters else { throw failure(.controlCharacter, name: key, at: start) }
            guard keys.insert(key) else { throw failure(.duplicateKey, name: key, at: start) }
            entries.append(GGUFEntry(key: key, value: try value(type: try valueType(key: key), key: key)))
        }
        return entries
    }

    /// Reads a length and so many bytes of UTF-8.
    @_lifetime(self: copy self)
    private mutating func string(name: ByteString?) throws -> ByteString {
        let start = offset
        let claimed: UInt64 = try reader.little()
        guard claimed <= UInt64(remainingByteCount) else {
            throw failure(.stringBeyondFile(found: claimed, available: remainingByteCount), name: name, at: start)
        }
        let string = try reader.string(byteCount: Int(claimed))
        guard string.isValidUTF8 else { throw failure(.invalidUTF8, name: name, at: start) }
        return string
    }

    @_lifetime(self: copy self)
    private mutating func valueType(key: ByteString) throws -> GGUFValueType {
        let start = offset
        let id: UInt32 = try reader.little()
        guard let type = GGUFValueType(rawValue: id) else { throw failure(.unknownValueType(id), name: key, at: start) }
        return type
    }

    @_lifetime(self: copy self)
    private mutating func value(type: GGUFValueType, key: ByteString) throws -> GGUFValue {
        switch type {
        case .u8: .u8(try reader.little())
        case .i8: .i8(try reader.little())
        case .u16: .u16(try reader.little())
        case .i16: .i16(try reader.little())
        case .u32: .u32(try reader.little())
        case .i32: .i32(try reader.little())
        case .f32: .f32(Float(bitPattern: try reader.little()))
        case .bool: .bool(try bool(key: key))
        case .string: .string(try string(name: key))
        case .array: .array(try array(key: key))
        case .u64: .u64(try reader.little())
        case .i64: .i64(try reader.little())
        case .f64: .f64(Double(bitPattern: try reader.little()))
        }
    }

    @_lifetime(self: copy self)
    private mutating func bool(key: ByteString) throws -> Bool {
        let start = offset
        let byte: UInt8 = try reader.little()
        guard byte <= 1 else { throw failure(.badBool(byte), name: key, at: start) }
        return byte == 1
    }

    @_lifetime(self: copy self)
    private mutating func array(key: ByteString) throws -> GGUFArray {
        let start = offset
        let type = try valueType(key: key)
        guard type != .array else { throw failure(.nestedArray, name: key, at: start) }
        let claimed: UInt64 = try reader.little()
        guard claimed <= UInt64(remainingByteCount / type.smallestByteCount) else {
            throw failure(.arrayBeyondFile(found: claimed, available: remainingByteCount), name: key, at: start)
        }
        let count = Int(claimed)
        // Numbers are there in full before an array is sized; strings are read as they come.
        if type != .string { try reader.demand(byteCount: count * type.smallestByteCount) }
        switch type {
        case .u8: return .u8(try numbers(count))
        case .i8: return .i8(try numbers(count))
        case .u16: return .u16(try numbers(count))
        case .i16: return .i16(try numbers(count))
        case .u32: return .u32(try numbers(count))
        case .i32: return .i32(try numbers(count))
        case .f32: return .f32(try numbers(count).map { Float(bitPattern: $0) })
        case .u64: return .u64(try numbers(count))
        case .i64: return .i64(try numbers(count))
        case .f64: return .f64(try numbers(count).map { Double(bitPattern: $0) })
        case .bool:
            var bools: [Bool] = []
            for _ in 0..<count { bools.append(try bool(key: key)) }
            return .bool(bools)
        case .string, .array:
            var strings: [ByteString] = []
            for _ in 0..<count { strings.append(try string(name: key)) }
            return .string(strings)
        }
    }

    @_lifetime(self: copy self)
    private mutating func numbers<T: FixedWidthInteger & BitwiseCopyable>(_ count: Int) throws -> [T] {
        var numbers: [T] = []
        numbers.reserveCapacity(count)
        for _ in 0..<count { numbers.append(try reader.little()) }
        return numbers
    }
}

extension GGUFReader {
    /// Reads `count` tensor infos; names, ranks, shapes and types are checked, offsets come later.
    @_lifetime(self: copy self)
    mutating func tensorInfos(count: Int) throws -> [GGUFTensorInfo] {
        var infos: [GGUFTensorInfo] = []
        var names = NameSet()
        for _ in 0..<count {
            let info = try tensorInfo()
            let name = info.descriptor.name
            guard names.insert(name) else { throw failure(.duplicateTensor, name: name, at: info.position) }
            infos.append(info)
        }
        return infos
    }

    @_lifetime(self: copy self)
    private mutating func tensorInfo() throws -> GGUFTensorInfo {
        let start = offset
        let name = try string(name: nil)
        guard !name.isEmpty else { throw failure(.emptyName, at: start) }
        guard !name.hasControlCharacters else { throw failure(.controlCharacter, name: name, at: start) }
        guard name.count <= GGUF.nameByteLimit else {
            throw failure(.nameTooLong(found: name.count, allowed: GGUF.nameByteLimit), name: name, at: start)
        }
        let rank: UInt32 = try reader.little()
        guard rank <= GGUF.rankLimit else {
            throw failure(.tooManyDimensions(found: rank, allowed: GGUF.rankLimit), name: name, at: start)
        }
        var dimensions: [Int] = []
        for _ in 0..<rank {
            let claimed: UInt64 = try reader.little()
            guard let dimension = Int(exactly: claimed) else {
                throw failure(.dimensionTooLarge(claimed), name: name, at: start)
            }
            dimensions.append(dimension)
        }
        let typeID: UInt32 = try reader.little()
        let dataOffset: UInt64 = try reader.little()
        let descriptor = try descriptor(name: name, typeID: typeID, dimensions: dimensions.reversed(), at: start)
        return GGUFTensorInfo(descriptor: descriptor, offset: dataOffset, position: start)
    }

    /// `dimensions` outermost first.
    private func descriptor(
        name: ByteString,
        typeID: UInt32,
        dimensions: [Int],
        at start: Int
    ) throws -> TensorDescriptor {
        guard let shape = Shape(dimensions) else { throw failure(.sizeOverflow, name: name, at: start) }
        guard let type = ElementType(ggmlType: typeID) else {
            let isRemoved = typeID < ElementType.ggmlTypeCount
            throw failure(isRemoved ? .removedType(typeID) : .unknownType(typeID), name: name, at: start)
        }
        guard shape.columnCount % type.block.elementCount == 0 else {
            let reason = GGUFError.Reason.partialBlock(rowElementCount: shape.columnCount, type: type)
            throw failure(reason, name: name, at: start)
        }
        guard let descriptor = TensorDescriptor(name: name, type: type, shape: shape) else {
            throw failure(.sizeOverflow, name: name, at: start)
        }
        return descriptor
    }

    private func failure(_ reason: GGUFError.Reason, name: ByteString? = nil, at offset: Int) -> GGUFError {
        GGUFError(reason, path: path, name: name, offset: offset)
    }
}
