internal import MMBytes
internal import MMTensors

/// Claims a source's tensors rule by rule, and finds what is missing and what is left over.
struct CoverageBuilder {
    private(set) var description: ArchitectureDescription
    let source: any TensorSource
    private(set) var names: NameIndex
    private(set) var knobs: Knobs
    private(set) var mapped: [MappedTensor] = []
    private(set) var ledger = CoverageLedger()
    /// Bytes of each tensor of the source that are taken over; nil where none of it is.
    private var claimedByteCounts: [Int?]
    private var missing: (name: ByteString, alternatives: [ByteString], count: Int)?

    init(description: ArchitectureDescription, source: any TensorSource, names: NameIndex, knobs: Knobs) {
        self.description = description
        self.source = source
        self.names = names
        self.knobs = knobs
        claimedByteCounts = Array(repeating: nil, count: source.tensors.count)
    }

    /// Goes on with another part of the same model.
    mutating func turn(to description: ArchitectureDescription, names: NameIndex, knobs: Knobs) {
        self.description = description
        self.names = names
        self.knobs = knobs
    }

    /// Takes the rule's tensor of a layer, if it belongs to this model.
    mutating func claim(_ rule: ArchitectureDescription.TensorRule, layer: LayerKnobs?) throws(ArchitectureError) {
        let name = rule.name.filled(layer: layer?.index)
        if let condition = rule.condition, !(try flag(condition, layer: layer, of: name)) { return }
        let rule = try numbered(rule, layer: layer, of: name)
        let candidates = names.candidates(for: rule, layer: layer?.index)
        guard let first = candidates.first else { return try miss(rule, name, layer: layer) }
        var shape: [Int] = []
        for dimension in rule.shape { shape.append(try count(dimension, layer: layer, of: name)) }
        // Two tensors whose names were once exchanged are told apart by their shapes.
        let (origin, index) =
            candidates.first { $0.origin.assembly == .whole && source.tensors[$0.index].shape.dimensions == shape }
            ?? first
        let assembler = TensorAssembler(builder: self, name: name, shape: shape, layer: layer)
        let assembled =
            switch origin.assembly {
            case .whole: try assembler.whole(rule, index: index)
            case .stack(let count): try assembler.stack(origin, count: count)
            case .rows(let start, let total): try assembler.rows(index: index, start: start, total: total)
            case .frames(let other): try assembler.frames(index: index, beside: other)
            case .numbered: throw error(.missingTensor(names: [], others: 0), name)
            }
        for part in assembled.parts {
            claimedByteCounts[part.sourceIndex] = (claimedByteCounts[part.sourceIndex] ?? 0) + part.byteCount
            let sourceName = source.tensors[part.sourceIndex].name
            ledger.claimed.append(.init(name: name, sourceName: sourceName, operation: part.operation))
        }
        mapped.append(
            MappedTensor(
                descriptor: assembled.descriptor,
                mapping: assembled.mapping,
                role: rule.role,
                component: rule.component
            )
        )
    }

    /// The rule with the numbers that GGUF's names have in this layer.
    private func numbered(
        _ rule: ArchitectureDescription.TensorRule,
        layer: LayerKnobs?,
        of name: ByteString
    ) throws(ArchitectureError) -> ArchitectureDescription.TensorRule {
        var rule = rule
        for (index, origin) in rule.gguf.enumerated() {
            guard case .numbered(let number) = origin.assembly else { continue }
            let name = origin.name.numbered(try count(number, layer: layer, of: name))
            rule.gguf[index] = TensorOrigin(name: name)
        }
        return rule
    }

    /// A tensor that the source does not have is missing unless the rule says what it means.
    private mutating func miss(
        _ rule: ArchitectureDescription.TensorRule,
        _ name: ByteString,
        layer: LayerKnobs?
    ) throws(ArchitectureError) {
        if let optional = rule.optional, try flag(optional, layer: layer, of: name) {
            guard let substitute = rule.substitute else { return }
            let from = substitute.tensor.filled(layer: layer?.index)
            ledger.derived.append(.init(name: name, from: from, reason: substitute.reason))
            return
        }
        let alternatives = names.origins(of: rule).map { names.name(of: $0, layer: layer?.index) }
        missing = missing.map { ($0.name, $0.alternatives, $0.count + 1) } ?? (name, alternatives, 1)
    }

    /// Throws when a tensor is missing, and when one is neither claimed nor ignored by any part, or claimed in part.
    mutating func finish(
        ignoring parts: [(description: ArchitectureDescription, names: NameIndex)]
    ) throws(ArchitectureError) {
        if let missing {
            throw error(.missingTensor(names: missing.alternatives, others: missing.count - 1), missing.name)
        }
        var strangers: [ByteString] = []
        for (tensor, claimed) in zip(source.tensors, claimedByteCounts) {
            if let claimed {
                guard claimed == tensor.byteCount else {
                    throw error(.partlyClaimed(claimed: claimed, byteCount: tensor.byteCount), tensor.name)
                }
            } else if let ignored = Self.ignored(tensor.name, by: parts) {
                ledger.ignored.append(.init(sourceName: tensor.name, reason: ignored.reason))
            } else {
                strangers.append(tensor.name)
            }
        }
        if let first = strangers.first { throw error(.unexpectedTensor(others: strangers.count - 1), first) }
    }

    private static func ignored(
        _ name: ByteString,
        by parts: [(description: ArchitectureDescription, names: NameIndex)]
    ) -> ArchitectureDescription.IgnoredTensor? {
        for part in parts {
            if let ignored = part.description.ignored.first(where: { part.names.matches($0, name) }) { return ignored }
        }
        return nil
    }

    func count(_ expression: Expression, layer: LayerKnobs?, of name: ByteString) throws(ArchitectureError) -> Int {
        do throws(ExpressionError) { return try expression.count { value(of: $0, layer: layer) } } catch {
            throw self.error(.expression(error), name)
        }
    }

    private func flag(
        _ expression: Expression,
        layer: LayerKnobs?,
        of name: ByteString
    ) throws(ArchitectureError) -> Bool {
        do throws(ExpressionError) { return try expression.flag { value(of: $0, layer: layer) } } catch {
            throw self.error(.expression(error), name)
        }
    }

    private func value(of name: String, layer: LayerKnobs?) -> KnobValue? { layer?[name] ?? knobs[name] }

    @inline(never)
    func error(_ reason: ArchitectureError.Reason, _ subject: ByteString) -> ArchitectureError {
        ArchitectureError(reason, architecture: description.id, subject: subject)
    }
}

extension CoverageBuilder {
    /// Most elements that a vector may have whose values the graph needs.
    private static let vectorLimit = 1 << 16

    /// The elements of a claimed f32 vector, each a finite positive number.
    func elements(of name: ByteString) throws -> [Float] {
        guard let tensor = mapped.first(where: { $0.descriptor.name == name }) else { return [] }
        let descriptor = tensor.descriptor
        guard descriptor.type == .f32 else {
            throw error(.wrongType(found: descriptor.type, expected: .f32), name)
        }
        guard descriptor.shape.elementCount <= Self.vectorLimit else {
            throw error(.wrongShape(found: descriptor.shape, expected: [Self.vectorLimit]), name)
        }
        var bytes = [UInt8](repeating: 0, count: descriptor.byteCount)
        var span = bytes.mutableSpan
        // Any byte is a valid UInt8.
        var raw = unsafe span.mutableBytes
        try source.read(tensor.mapping.sourceIndex, at: 0, into: &raw)
        // The bytes of an array, read only.
        var reader = unsafe ByteReader(bytes.span.bytes)
        var elements: [Float] = []
        for index in 0..<descriptor.shape.elementCount {
            let element = Float(bitPattern: try reader.little())
            guard element.isFinite, element > 0 else { throw error(.badFactor(index: index), name) }
            elements.append(element)
        }
        return elements
    }
}
