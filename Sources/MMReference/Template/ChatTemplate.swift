package import MMBytes

/// A chat template: the Jinja text that travels with a model and turns messages into its prompt.
///
/// The subset of Jinja that the models' templates use, with the settings and functions of transformers 5.23
/// (`utils/chat_template_utils.py`) on jinja2 3.1.6: what it renders is what transformers renders. Filters that give
/// generators in jinja2 give lists here. What is outside the subset is an error that names it and its place.
package struct ChatTemplate: Sendable {
    private let statements: [TemplateStatement]
    private let limits: TemplateLimits

    /// Reads a template.
    ///
    /// - Throws: `TemplateError` for what is malformed, not supported, or above a limit.
    package init(source: [UInt8], limits: TemplateLimits = TemplateLimits()) throws(TemplateError) {
        statements = try TemplateParser.statements(of: source, limits: limits)
        self.limits = limits
    }

    /// The text for variables: `messages`, `add_generation_prompt`, `bos_token` and others by their names.
    ///
    /// - Parameters:
    ///   - variables: an object.
    ///   - secondsSince1970: the moment that `strftime_now` shows, in UTC; nil refuses a template that asks for it.
    /// - Returns: UTF-8.
    /// - Throws: `TemplateError`; its reason is `.raised` where the template itself refuses the messages.
    package func render(_ variables: JSONValue, secondsSince1970: Int? = nil) throws(TemplateError) -> [UInt8] {
        var evaluator = TemplateEvaluator(limits: limits, secondsSince1970: secondsSince1970)
        for member in variables.members ?? [] { evaluator.scopes[0][member.name] = TemplateValue(member.value) }
        _ = try evaluator.run(statements)
        return evaluator.output
    }
}
