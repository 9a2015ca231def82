internal import MMBytes

/// Knobs as the types that a configuration wants; throws `ArchitectureError` for one that is missing or of another.
struct KnobReader {
    let architecture: String
    let knobs: Knobs

    func count(_ name: String) throws(ArchitectureError) -> Int {
        guard let count = knobs[name]?.integer, count > 0 else { throw wrongType(name, "a positive whole number") }
        return count
    }

    func optionalCount(_ name: String) throws(ArchitectureError) -> Int? {
        knobs[name] == KnobValue.none ? nil : try count(name)
    }

    func number(_ name: String) throws(ArchitectureError) -> Double {
        guard case .number(let number) = knobs[name] else { throw wrongType(name, "a number") }
        return number
    }

    func optionalNumber(_ name: String) throws(ArchitectureError) -> Double? {
        knobs[name] == KnobValue.none ? nil : try number(name)
    }

    func flag(_ name: String) throws(ArchitectureError) -> Bool {
        guard case .flag(let flag) = knobs[name] else { throw wrongType(name, "true or false") }
        return flag
    }

    func text(_ name: String) throws(ArchitectureError) -> ByteString {
        guard case .text(let text) = knobs[name] else { throw wrongType(name, "a text") }
        return text
    }

    /// One of the raw values of `Choice`.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        as type: Choice.Type = Choice.self
    ) throws(ArchitectureError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try text(name).string) else {
            throw wrongType(name, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// The numbers of a list; none where the knob is nothing.
    func numbers(_ name: String) throws(ArchitectureError) -> [Double] {
        if knobs[name] == KnobValue.none { return [] }
        guard case .list(let values) = knobs[name] else { throw wrongType(name, "a list of numbers") }
        var numbers: [Double] = []
        for value in values {
            guard case .number(let number) = value else { throw wrongType(name, "a list of numbers") }
            numbers.append(number)
        }
        return numbers
    }

    @inline(never)
    func wrongType(_ name: String, _ expected: String) -> ArchitectureError {
        let found = String((knobs[name]?.description ?? "missing").prefix(60))
        return ArchitectureError(
            .wrongKnobType(found: found, expected: expected),
            architecture: architecture,
            subject: ByteString(name)
        )
    }

    @inline(never)
    func contradiction(_ name: String, _ text: String) -> ArchitectureError {
        ArchitectureError(.contradiction(text), architecture: architecture, subject: ByteString(name))
    }
}
