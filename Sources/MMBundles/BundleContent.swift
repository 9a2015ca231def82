public import MMBytes
public import MMTensors

/// What goes into a bundle.
public struct BundleContent: Sendable {
    /// The tensors in the order in which they are to be written, under their bundle names.
    public let source: any TensorSource
    /// A role for every tensor.
    public let roles: [String]
    /// A component for every tensor.
    public let components: [String]
    /// The name in the original source of every tensor.
    public let sourceNames: [ByteString]
    /// An object: architecture and knobs.
    public let model: JSONValue
    /// An object: what became of every tensor of the source.
    public let ledger: JSONValue
    public let assets: [Asset]

    public init(
        source: any TensorSource,
        roles: [String],
        components: [String],
        sourceNames: [ByteString],
        model: JSONValue,
        ledger: JSONValue,
        assets: [Asset]
    ) {
        self.source = source
        self.roles = roles
        self.components = components
        self.sourceNames = sourceNames
        self.model = model
        self.ledger = ledger
        self.assets = assets
    }

    /// What `bundle` was written from, so that it can be written again: names, roles, model and assets stay.
    public init(of bundle: Bundle) throws {
        self.init(
            source: bundle,
            roles: bundle.manifest.tensors.map(\.role),
            components: bundle.manifest.tensors.map(\.component),
            sourceNames: bundle.manifest.tensors.map(\.sourceName),
            model: bundle.manifest.model,
            ledger: bundle.manifest.ledger,
            assets: try bundle.assets
        )
    }
}
