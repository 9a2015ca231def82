internal import MMArchitectures
internal import MMTensors
internal import Synchronization

/// The weights of a decoder: all of them from the start, or each part as it is needed.
final class DecoderWeights: Sendable {
    private let configuration: DecoderConfiguration
    private let loader: WeightLoader
    /// Empty where layers are loaded as they are needed.
    private let layers: [DecoderLayer]
    private let matrices = Mutex<[Matrix: WeightMatrix]>([:])
    let finalNorm: FloatBuffer
    let isStreaming: Bool

    private enum Matrix { case embedding, head }

    /// - Parameter isStreaming: loads nothing but the final norm and checks what is there when it is needed.
    init(
        source: any TensorSource,
        configuration: DecoderConfiguration,
        arithmetic: ProductArithmetic,
        isStreaming: Bool
    ) throws {
        let loader = WeightLoader(source, arithmetic: arithmetic)
        self.configuration = configuration
        self.loader = loader
        self.isStreaming = isStreaming
        finalNorm = try loader.vector("text.norm.weight", count: configuration.modelWidth)
        layers =
            isStreaming
            ? [] : try (0..<configuration.layerCount).map { try DecoderLayer($0, of: configuration, from: loader) }
        guard !isStreaming else { return }
        _ = try embedding()
        _ = try head()
    }

    func layer(_ index: Int) throws -> DecoderLayer {
        isStreaming ? try DecoderLayer(index, of: configuration, from: loader) : layers[index]
    }

    /// [vocabularyCount, modelWidth].
    func embedding() throws -> WeightMatrix { try matrix(.embedding, "text.embed") }

    /// [vocabularyCount, modelWidth]: the embedding where the two are tied.
    func head() throws -> WeightMatrix {
        configuration.isTied ? try embedding() : try matrix(.head, "text.head")
    }

    /// Lets embedding and head go where they are loaded as they are needed.
    func releaseMatrices() {
        if isStreaming { matrices.withLock { $0 = [:] } }
    }

    private func matrix(_ which: Matrix, _ name: String) throws -> WeightMatrix {
        try matrices.withLock { matrices in
            if let matrix = matrices[which] { return matrix }
            let (rows, columns) = (configuration.vocabularyCount, configuration.modelWidth)
            let matrix = try loader.matrix(name, rows: rows, columns: columns)
            matrices[which] = matrix
            return matrix
        }
    }
}
