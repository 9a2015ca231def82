/// Where a for block stands: its elements and the current one.
struct TemplateLoop: Sendable {
    let list: TemplateList
    var index: Int
}
