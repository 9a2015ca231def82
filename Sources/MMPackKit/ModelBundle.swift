internal import MMBundles
internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// An open `.mmpack` bundle: one file or a set of them.
///
/// Opening checks the structure of everything and reads no weights. A tensor is held to its checksums before any of its
/// bytes can be used. Safe to use from several threads at once. Everything here throws `ModelBundleError` alone, and what
/// the caller's own closures throw.
public final class ModelBundle: Sendable {
    /// The tensors, in the order in which a forward pass uses them.
    public let tensors: [ModelTensor]
    private let indices: [String: Int]
    let bundle: Bundle

    /// Opens the bundle that `path` is a file of: OUT.mmpack, any part of a set, or the name that a set was written under.
    public init(path: String, access: ModelAccess = ModelAccess()) throws {
        bundle = try ModelBundleError.translating { try Bundle.open(path, access: access.bundleAccess) }
        tensors = bundle.manifest.tensors.enumerated().map { ModelTensor($0.element, index: $0.offset) }
        // A name that is not valid Unicode can be looked up in `tensors` alone.
        indices = Dictionary(tensors.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    }

    /// SHA-256 of the manifest, 64 hexadecimal digits: it covers every bit of the bundle.
    public var identity: String { bundle.manifest.identity.hexadecimal }

    /// The model's description, JSON: which architecture it is, and its numbers.
    public var description: String {
        String(decoding: bundle.manifest.model.serialized(.canonical), as: UTF8.self)
    }

    /// The tensor of this name, such as "text.layers.0.attn.q.weight".
    public subscript(name: String) -> ModelTensor? { indices[name].map { tensors[$0] } }

    /// The names of the files that travel with the weights, such as "tokenizer.json".
    public var assetNames: [String] { bundle.manifest.assets.map(\.name.string) }

    /// The bytes of such a file, as they were beside the checkpoint; nil where the bundle has none of this name.
    public func asset(named name: String) throws -> [UInt8]? {
        try ModelBundleError.translating {
            try bundle.manifest.assets.first { $0.name == ByteString(name) }.map { try bundle.asset($0).bytes }
        }
    }

    /// Proves every byte of every file against the identity, on `threadCount` threads; returns if the bundle is what was
    /// written.
    public func verify(threadCount: Int) throws {
        _ = try ModelBundleError.translating { try bundle.verifyIntegrity(width: threadCount) }
    }
}
