/// The part of a model that a tensor belongs to.
package enum Component: String, Sendable, Hashable, CaseIterable {
    case text, vision, connector
    /// A tensor of an architecture that no description covers.
    case other
}
