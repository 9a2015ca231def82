internal import MMArchitectures

/// A part of a model as a plan counts it.
package enum PlanPart: String, Sendable, Hashable, CaseIterable {
    case encoder, connector, decoder, experts, other

    init(_ component: Component, _ role: TensorRole) {
        self =
            switch (component, role) {
            case (.vision, _): .encoder
            case (.connector, _): .connector
            case (.text, .experts): .experts
            case (.text, _): .decoder
            case (.other, _): .other
            }
    }
}
