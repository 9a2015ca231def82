internal import MMArchitectures

/// The weights of a mixture of experts.
struct ExpertWeights: Sendable {
    /// [count, width].
    let router: WeightMatrix
    let experts: [GatedWeights]
    /// What every token goes through.
    let shared: GatedWeights?
    /// [1, width].
    let sharedGate: WeightMatrix?

    init(
        _ prefix: String,
        _ configuration: DecoderConfiguration.Experts,
        width: Int,
        from loader: WeightLoader
    ) throws {
        let (count, innerWidth) = (configuration.count, configuration.width)
        router = try loader.matrix("\(prefix).router", rows: count, columns: width)
        let gate = try loader.matrices("\(prefix).gate", count: count, rows: innerWidth, columns: width)
        let up = try loader.matrices("\(prefix).up", count: count, rows: innerWidth, columns: width)
        let down = try loader.matrices("\(prefix).down", count: count, rows: width, columns: innerWidth)
        experts = (0..<count).map { GatedWeights(gate: gate[$0], up: up[$0], down: down[$0]) }
        shared =
            configuration.sharedWidth > 0
            ? try GatedWeights("\(prefix).shared", width: width, innerWidth: configuration.sharedWidth, from: loader)
            : nil
        sharedGate =
            configuration.hasSharedGate ? try loader.matrix("\(prefix).shared_gate", rows: 1, columns: width) : nil
    }
}
