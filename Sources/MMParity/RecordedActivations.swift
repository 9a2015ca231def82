/// One model's activations, kept until the other model's are there.
struct RecordedActivations {
    private var values: [String: [Float]] = [:]
    /// As they were computed.
    private var names: [String] = []

    /// Adds to what the name has.
    mutating func record(_ name: String, _ span: Span<Float>) {
        if values[name] == nil { names.append(name) }
        values[name, default: []].append(span)
    }

    /// Compares with what was recorded first under the name, and forgets it.
    mutating func compare(_ name: String, with other: Span<Float>, into log: ActivationLog) {
        let base = values.removeValue(forKey: name) ?? []
        log.add(name, base: base.span, other: other)
    }

    /// What the other model does not have differs.
    mutating func finish(into log: ActivationLog) {
        for name in names {
            guard let base = values.removeValue(forKey: name) else { continue }
            let none: [Float] = []
            log.add(name, base: base.span, other: none.span)
        }
    }
}
