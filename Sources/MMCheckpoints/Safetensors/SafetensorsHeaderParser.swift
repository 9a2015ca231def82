internal import MMBytes
internal import MMTensors

/// Turns the text of a header into entries, one after the other, without a tree of the document between.
struct SafetensorsHeaderParser {
    private let text: [UInt8]
    private let path: String
    private(set) var entries: [SafetensorsEntry] = []
    private(set) var metadata: [JSONMember] = []
    private var names = NameSet()
    private var hasMetadata = false
    /// The tensor whose entry is being read.
    private var tensor: ByteString?

    /// `text` is not empty; throws `SafetensorsError` where it does not begin as a header must.
    init(_ text: [UInt8], path: String) throws {
        self.text = text
        self.path = path
        guard text[0] == UInt8(ascii: "{") else { throw failure(.headerStart(found: text[0]), at: 0) }
    }

    /// Reads the document; throws `SafetensorsError`.
    mutating func parse() throws {
        do {
            let text = text
            let limits = JSONLimits(byteCount: Safetensors.headerByteLimit, valueCount: .max)
            var reader = try JSONReader(text.span, limits: limits)
            try reader.beginObject()
            while let name = try reader.nextMember() {
                if name == Safetensors.metadataName {
                    try readMetadata(&reader)
                } else {
                    try readTensor(name, &reader)
                }
            }
            let end = reader.offset
            if let index = text[end...].firstIndex(where: { $0 != 0x20 }) {
                throw failure(.headerPadding(found: text[index]), at: index)
            }
        } catch let error as ParseError {
            throw failure(.json(error.reason), at: error.offset)
        }
    }

    private mutating func readMetadata(_ reader: inout JSONReader) throws {
        let name = Safetensors.metadataName
        guard !hasMetadata else { throw failure(.json(.jsonDuplicateKey(name)), at: reader.nameOffset) }
        hasMetadata = true
        var keys = NameSet()
        do {
            try reader.beginObject()
            while let key = try reader.nextMember() {
                guard keys.insert(key) else {
                    throw failure(.json(.jsonDuplicateKey(key)), at: reader.nameOffset)
                }
                guard keys.count <= Safetensors.metadataCountLimit else {
                    throw failure(.tooMuchMetadata(allowed: Safetensors.metadataCountLimit), at: reader.nameOffset)
                }
                metadata.append(JSONMember(name: key, value: .string(try reader.string())))
            }
        } catch let error as ParseError {
            guard case .jsonWrongType = error.reason else { throw error }
            throw failure(.metadataNotStrings, at: error.offset)
        }
    }

    private mutating func readTensor(_ name: ByteString, _ reader: inout JSONReader) throws {
        let start = reader.nameOffset
        tensor = name
        defer { tensor = nil }
        guard names.insert(name) else { throw failure(.duplicateTensor, at: start) }
        guard !name.hasControlCharacters else { throw failure(.badName, at: start) }
        guard entries.count < Safetensors.tensorCountLimit else {
            throw failure(.tooManyTensors(allowed: Safetensors.tensorCountLimit), at: start)
        }
        var type: ElementType?
        var dimensions: [Int]?
        var extent: (begin: UInt64, end: UInt64)?
        try reader.beginObject()
        while let member = try reader.nextMember() {
            let isRepeated: Bool
            switch member {
            case Safetensors.typeName:
                isRepeated = type != nil
                type = try readType(&reader)
            case Safetensors.shapeName:
                isRepeated = dimensions != nil
                dimensions = try readDimensions(&reader)
            case Safetensors.extentName:
                isRepeated = extent != nil
                extent = try readExtent(&reader)
            default: throw failure(.unknownMember(member), at: reader.nameOffset)
            }
            if isRepeated { throw failure(.json(.jsonDuplicateKey(member)), at: reader.nameOffset) }
        }
        guard let type else { throw failure(.missingMember(Safetensors.typeName), at: start) }
        guard let dimensions else { throw failure(.missingMember(Safetensors.shapeName), at: start) }
        guard let extent else { throw failure(.missingMember(Safetensors.extentName), at: start) }
        let descriptor = try descriptor(name: name, type: type, dimensions: dimensions, at: start)
        guard extent.end - extent.begin == UInt64(descriptor.byteCount) else {
            let reason = SafetensorsError.Reason.wrongExtent(
                found: extent.end - extent.begin,
                needed: descriptor.byteCount
            )
            throw failure(reason, at: start)
        }
        entries.append(SafetensorsEntry(descriptor: descriptor, begin: extent.begin, end: extent.end))
    }

    private func readType(_ reader: inout JSONReader) throws -> ElementType {
        let spelling = try reader.string()
        guard let type = Safetensors.typesBySpelling[spelling] else {
            throw failure(.unknownType(spelling), at: reader.nameOffset)
        }
        return type
    }

    private func naturalNumber(
        _ reader: inout JSONReader,
        otherwise reason: SafetensorsError.Reason
    ) throws -> UInt64 {
        do {
            return try reader.naturalNumber()
        } catch let error where error.reason == .jsonNotNatural {
            throw failure(reason, at: error.offset)
        }
    }

    private func readDimensions(_ reader: inout JSONReader) throws -> [Int] {
        var dimensions: [Int] = []
        try reader.beginArray()
        while try reader.nextElement() {
            guard dimensions.count < Shape.rankLimit else {
                throw failure(.tooManyDimensions(allowed: Shape.rankLimit), at: reader.nameOffset)
            }
            let number = try naturalNumber(&reader, otherwise: .badDimension)
            guard let dimension = Int(exactly: number) else { throw failure(.sizeOverflow, at: reader.nameOffset) }
            dimensions.append(dimension)
        }
        return dimensions
    }

    private func readExtent(_ reader: inout JSONReader) throws -> (begin: UInt64, end: UInt64) {
        var bounds: [UInt64] = []
        try reader.beginArray()
        while try reader.nextElement() {
            guard bounds.count < 2 else {
                throw failure(.extentCount(found: 3), at: reader.nameOffset)
            }
            bounds.append(try naturalNumber(&reader, otherwise: .badOffset))
        }
        guard bounds.count == 2 else {
            throw failure(.extentCount(found: bounds.count), at: reader.nameOffset)
        }
        guard bounds[0] <= bounds[1] else {
            throw failure(.extentReversed(begin: bounds[0], end: bounds[1]), at: reader.nameOffset)
        }
        return (bounds[0], bounds[1])
    }

    private func descriptor(
        name: ByteString,
        type: ElementType,
        dimensions: [Int],
        at start: Int
    ) throws -> TensorDescriptor {
        guard let shape = Shape(dimensions) else { throw failure(.sizeOverflow, at: start) }
        guard shape.elementCount % type.block.elementCount == 0 else {
            throw failure(.partialByte(elementCount: shape.elementCount), at: start)
        }
        guard let descriptor = TensorDescriptor(name: name, type: type, shape: shape) else {
            throw failure(.sizeOverflow, at: start)
        }
        return descriptor
    }

    /// An error at `position` of the header's text.
    private func failure(
        _ reason: SafetensorsError.Reason,
        at position: Int
    ) -> SafetensorsError {
        SafetensorsError(reason, path: path, tensor: tensor, offset: Safetensors.prefixByteCount + position)
    }
}
