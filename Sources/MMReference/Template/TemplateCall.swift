internal import MMBytes

/// The name of a filter or a test, where it is one, and the arguments of a call.
struct TemplateCall: Sendable {
    var name: ByteString = ""
    var positional: [TemplateExpression] = []
    var named: [(name: ByteString, value: TemplateExpression)] = []

    var expressions: [TemplateExpression] { positional + named.map(\.value) }
}
