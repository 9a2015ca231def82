internal import MMTensors

/// A tensor on its way into a mapped source.
struct MappedTensor: Sendable {
    let descriptor: TensorDescriptor
    let mapping: TensorMapping
    let role: TensorRole
    let component: Component
}
