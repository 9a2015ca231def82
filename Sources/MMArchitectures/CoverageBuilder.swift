internal import MMBytes
internal import MMTensors

/// Claims a source's tensors rule by rule, and finds what is missing and what is left over.
struct CoverageBuilder {
    let description: ArchitectureDescription
    let source: any TensorSource
    let names: NameIndex
    let knobs: Knobs
    private(set) var mapped: [MappedTensor] = []
    private(set) var ledger = CoverageLedger()
    private var isClaimed: [Bool]
    private var missing: (name: ByteString, alternatives: [ByteString], count: Int)?

    init(description: ArchitectureDescription, source: any TensorSource, names: NameIndex, knobs: Knobs) {
        self.description = description
        self.source = source
        self.names = names
        self.knobs = knobs
        isClaimed = Array(repeating: false, count: source.tensors.count)
    }

    /// Takes the rule's tensor of a layer, if it belongs to this model.
    mutating func claim(_ rule: ArchitectureDescription.TensorRule, layer: Int?) throws(ArchitectureError) {
        let name = rule.name.filled(layer: layer)
        if let condition = rule.condition, !(try flag(condition, layer: layer, of: name)) { return }
        guard let index = names.index(of: rule, layer: layer) else {
            if let optional = rule.optional, try flag(optional, layer: layer, of: name) {
                guard let substitute = rule.substitute else { return }
                let from = substitute.tensor.filled(layer: layer)
                ledger.derived.append(.init(name: name, from: from, reason: substitute.reason))
            } else {
                missing =
                    missing.map { ($0.name, $0.alternatives, $0.count + 1) }
                    ?? (name, names.names(of: rule, layer: layer), 1)
            }
            return
        }
        let found = source.tensors[index]
        var expected: [Int] = []
        for dimension in rule.shape { expected.append(try count(dimension, layer: layer, of: name)) }
        guard found.shape.dimensions == expected else {
            throw error(.wrongShape(found: found.shape, expected: expected), found.name)
        }
        let (mapping, operation) = try mapping(rule, index: index, layer: layer)
        isClaimed[index] = true
        mapped.append(
            MappedTensor(
                descriptor: found.renamed(name),
                mapping: mapping,
                role: rule.role,
                component: rule.component
            )
        )
        ledger.claimed.append(.init(name: name, sourceName: found.name, operation: operation))
    }

    private func mapping(
        _ rule: ArchitectureDescription.TensorRule,
        index: Int,
        layer: Int?
    ) throws(ArchitectureError) -> (TensorMapping, operation: String?) {
        let found = source.tensors[index]
        guard names.spelling == .gguf, case .ropeUnpermute(let heads) = rule.ggufOperation else {
            return (TensorMapping(sourceIndex: index, permutation: nil, rowByteCount: found.rowByteCount), nil)
        }
        let headCount = try count(heads, layer: layer, of: found.name)
        let rowCount = found.shape.dimensions.first ?? 0
        guard let permutation = RowPermutation(rowCount: rowCount, headCount: headCount),
            let rowByteCount = found.outermostByteCount
        else { throw error(.notPermutable(rowCount: rowCount, headCount: headCount), found.name) }
        let mapping = TensorMapping(sourceIndex: index, permutation: permutation, rowByteCount: rowByteCount)
        return (mapping, "rope_unpermute(\(headCount))")
    }

    /// Throws when a tensor is missing, and when one is neither claimed nor ignored.
    mutating func finish() throws(ArchitectureError) {
        if let missing {
            throw error(.missingTensor(names: missing.alternatives, others: missing.count - 1), missing.name)
        }
        var strangers: [ByteString] = []
        for (index, tensor) in source.tensors.enumerated() where !isClaimed[index] {
            if let ignored = description.ignored.first(where: { names.matches($0, tensor.name) }) {
                ledger.ignored.append(.init(sourceName: tensor.name, reason: ignored.reason))
            } else {
                strangers.append(tensor.name)
            }
        }
        if let first = strangers.first { throw error(.unexpectedTensor(others: strangers.count - 1), first) }
    }

    func count(_ expression: Expression, layer: Int?, of name: ByteString) throws(ArchitectureError) -> Int {
        do throws(ExpressionError) { return try expression.count { value(of: $0, layer: layer) } } catch {
            throw self.error(.expression(error), name)
        }
    }

    private func flag(_ expression: Expression, layer: Int?, of name: ByteString) throws(ArchitectureError) -> Bool {
        do throws(ExpressionError) { return try expression.flag { value(of: $0, layer: layer) } } catch {
            throw self.error(.expression(error), name)
        }
    }

    private func value(of name: String, layer: Int?) -> KnobValue? {
        name == "i" ? layer.map { .number(Double($0)) } : knobs[name]
    }

    @inline(never)
    private func error(_ reason: ArchitectureError.Reason, _ subject: ByteString) -> ArchitectureError {
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

extension TensorDescriptor {
    /// Bytes of one unit of the outermost dimension; nil where that is no whole number of blocks.
    fileprivate var outermostByteCount: Int? {
        guard let rows = shape.dimensions.first, rows > 0, byteCount % rows == 0 else { return nil }
        if shape.rank == 1 { return type.block.elementCount == 1 ? byteCount / rows : nil }
        return rowCount % rows == 0 ? byteCount / rows : nil
    }
}
