internal import MMArchitectures

/// An operation of a connector with its weights.
enum ConnectorStep: Sendable {
    case select([VisionFeature], dropsClassToken: Bool)
    case addPosition(TokenPositions)
    case linear(WeightMatrix)
    /// Of a matrix that is stored input by output, its transpose as f32: [outputWidth, width].
    case transposedLinear(FloatBuffer, outputWidth: Int, bias: FloatBuffer?)
    case activation(VisionActivation)
    case norm(NormWeights)
    case averagePool(side: Int)
    case adaptivePool(side: Int)
    case pixelShuffle(side: Int)
    case merge(side: Int)
    case regionBlock(RegionBlock)
    case append(FloatBuffer, count: Int)
    case attentionPool(AttentionPool)

    /// - Parameter width: elements of a token before the step; becomes those after it.
    init(_ operation: ConnectorOperation, width: inout Int, towerWidth: Int, from loader: WeightLoader) throws {
        switch operation {
        case .select(let features, let dropsClassToken):
            guard !features.isEmpty, features.count <= 64 else { throw VisionError(.noSelection) }
            width = features.count * towerWidth
            self = .select(features, dropsClassToken: dropsClassToken)
        case .addPosition(let weights, let count, let skip, let interpolation):
            try Self.check("tokens", count)
            // One more than the rows that are left out: none is possible.
            try Self.check("left out positions", skip + 1)
            let table = try loader.table(weights, rows: skip + count, columns: width)
            self = .addPosition(TokenPositions(table: table, skip: skip, count: count, interpolation: interpolation))
        case .linear(let weights, let outputWidth, let hasBias, let isTransposed):
            try Self.check("width of \(weights)", outputWidth)
            if isTransposed {
                let matrix = try loader.matrix(weights, rows: width, columns: outputWidth)
                let bias = hasBias ? try loader.vector("\(weights).bias", count: outputWidth) : nil
                self = .transposedLinear(try matrix.transposed(), outputWidth: outputWidth, bias: bias)
            } else {
                self = .linear(try loader.matrix(weights, rows: outputWidth, columns: width, hasBias: hasBias))
            }
            width = outputWidth
        case .activation(let activation): self = .activation(activation)
        case .norm(let weights, let norm, let epsilon, let offset):
            self = .norm(
                try NormWeights(weights, norm, width: width, epsilon: epsilon, offset: offset, from: loader)
            )
        case .averagePool(let side):
            try Self.check("side", side)
            self = .averagePool(side: side)
        case .adaptivePool(let side):
            try Self.check("side", side)
            self = .adaptivePool(side: side)
        case .pixelShuffle(let side):
            try Self.check("side", side)
            width *= side * side
            try Self.check("width", width)
            self = .pixelShuffle(side: side)
        case .merge(let side):
            try Self.check("side", side)
            width *= side * side
            try Self.check("width", width)
            self = .merge(side: side)
        case .regionBlock(let weights, let outputWidth, let squeezedWidth, let epsilon):
            try Self.check("width of \(weights)", outputWidth)
            try Self.check("squeezed width of \(weights)", squeezedWidth)
            self = .regionBlock(
                try RegionBlock(
                    weights,
                    width: width,
                    outputWidth: outputWidth,
                    squeezedWidth: squeezedWidth,
                    epsilon: epsilon,
                    from: loader
                )
            )
            width = outputWidth
        case .attentionPool(let weights, let configuration):
            try Self.check("queries", configuration.queryCount)
            try Self.check("layers", configuration.layerCount)
            try Self.check("heads", configuration.headCount)
            try Self.check("inner width", configuration.innerWidth)
            self = .attentionPool(try AttentionPool(weights, configuration, width: width, from: loader))
        case .append(let weights, let count):
            try Self.check("tokens of \(weights)", count)
            self = .append(try loader.table(weights, rows: count, columns: width), count: count)
        }
    }

    private static func check(_ what: String, _ value: Int) throws(VisionError) {
        // A side of 2^10 makes a width of less than 2^50.
        guard value > 0, value <= 1 << (what == "side" ? 10 : 28) else {
            throw VisionError(.impossibleConfiguration("connector's \(what)", value))
        }
    }
}

extension WeightMatrix {
    /// The elements as f32, [columnCount, rowCount].
    func transposed() throws(ReferenceError) -> FloatBuffer {
        let transposed = try FloatBuffer(count: rowCount * columnCount)
        let row = try FloatBuffer(count: paddedColumnCount)
        for index in 0..<rowCount {
            // The row has room for its padding; the target is [columnCount, rowCount].
            unsafe decodeRow(index, into: row.pointer)
            for column in 0..<columnCount {
                unsafe transposed.pointer[column * rowCount + index] = row.pointer[column]
            }
        }
        return transposed
    }
}
