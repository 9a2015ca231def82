/// The elements of a list or a tuple, and how deep they nest.
struct TemplateList: Sendable {
    let elements: [TemplateValue]
    /// 1 and the depth of the deepest element.
    let depth: Int

    init(_ elements: [TemplateValue]) {
        self.elements = elements
        var deepest = 0
        for element in elements { deepest = max(deepest, element.depth) }
        depth = deepest + 1
    }
}
