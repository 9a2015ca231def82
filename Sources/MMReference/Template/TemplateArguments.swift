internal import MMBytes

/// The values that a function, filter or method is called with.
struct TemplateArguments {
    var positional: [TemplateValue] = []
    var named: [(name: ByteString, value: TemplateValue)] = []

    /// The values of parameters by their places and names; nil for those that are not given.
    ///
    /// - Throws: `TemplateError.Reason` for an argument that no parameter takes.
    func bound(to parameters: [ByteString], of callee: String) throws(TemplateArgumentFault) -> [TemplateValue?] {
        guard positional.count <= parameters.count else { throw TemplateArgumentFault(callee: callee, extra: nil) }
        var values: [TemplateValue?] = positional.map { $0 }
        values += [TemplateValue?](repeating: nil, count: parameters.count - positional.count)
        for argument in named {
            guard let place = parameters.firstIndex(of: argument.name), values[place] == nil else {
                throw TemplateArgumentFault(callee: callee, extra: argument.name)
            }
            values[place] = argument.value
        }
        return values
    }
}
