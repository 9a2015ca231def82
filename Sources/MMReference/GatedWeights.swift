/// The weights of a gated feed-forward part, down(activation(gate(x)) * up(x)): gate and up [innerWidth, width], down
/// [width, innerWidth].
struct GatedWeights: Sendable {
    let gate: WeightMatrix
    let up: WeightMatrix
    let down: WeightMatrix

    var innerWidth: Int { gate.rowCount }

    init(_ prefix: String, width: Int, innerWidth: Int, hasBias: Bool = false, from loader: WeightLoader) throws {
        gate = try loader.matrix("\(prefix).gate", rows: innerWidth, columns: width, hasBias: hasBias)
        up = try loader.matrix("\(prefix).up", rows: innerWidth, columns: width, hasBias: hasBias)
        down = try loader.matrix("\(prefix).down", rows: width, columns: innerWidth, hasBias: hasBias)
    }

    init(gate: WeightMatrix, up: WeightMatrix, down: WeightMatrix) {
        self.gate = gate
        self.up = up
        self.down = down
    }
}
