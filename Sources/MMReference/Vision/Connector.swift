package import MMArchitectures
package import MMStorage
package import MMTensors

/// From a vision tower's tokens to a decoder's: the steps of a `ConnectorConfiguration`, one after the other, f32.
package final class Connector: Sendable {
    package let configuration: ConnectorConfiguration
    /// Elements of the tokens that come out.
    package let width: Int
    private let team: ThreadTeam
    private let steps: [ConnectorStep]
    private let deepStack: [[ConnectorStep]]

    /// Takes the weights of `source` by bundle name; `towerWidth` is the width of the tower's tokens.
    ///
    /// - Throws: `VisionError` for steps that do not go together; `ReferenceError` for a missing tensor, a shape that
    ///   the steps do not compute, and a type that cannot be computed with; what `source.load` throws.
    package init(
        source: any TensorSource,
        configuration: ConnectorConfiguration,
        towerWidth: Int,
        team: ThreadTeam
    ) throws {
        let loader = WeightLoader(source)
        func load(_ operations: [ConnectorOperation]) throws -> (steps: [ConnectorStep], width: Int) {
            guard case .select = operations.first else { throw VisionError(.noSelection) }
            var width = towerWidth
            let steps = try operations.map {
                try ConnectorStep($0, width: &width, towerWidth: towerWidth, from: loader)
            }
            return (steps, width)
        }
        self.configuration = configuration
        self.team = team
        (steps, width) = try load(configuration.operations)
        deepStack = try configuration.deepStack.map { try load($0).steps }
    }

    /// The tokens of one picture, and what deep stacking adds to each of them, layer by layer.
    ///
    /// - Throws: `VisionError` where the picture's size does not allow a step, and for features that the tower was not
    ///   asked for; `ReferenceError.outOfMemory`.
    package func connect(_ features: VisionFeatures) throws -> ConnectedTokens {
        let main = try run(steps, on: features)
        return ConnectedTokens(
            tokenCount: main.tokenCount,
            rows: main.rows,
            columns: main.columns,
            width: main.width,
            values: main.values,
            deepStack: try deepStack.map { try run($0, on: features).values }
        )
    }

    private func run(_ steps: [ConnectorStep], on features: VisionFeatures) throws -> TokenMap {
        var map: TokenMap?
        for step in steps {
            if case .select(let selected, let dropsClassToken) = step {
                map = try TokenMap(features, selected, dropsClassToken: dropsClassToken)
            } else if let tokens = map {
                map = try tokens.after(step, team: team)
            }
        }
        guard let map else { throw VisionError(.noSelection) }
        return map
    }
}

/// What a connector made of one picture.
package struct ConnectedTokens: Sendable {
    package let tokenCount: Int
    /// How the tokens lie in a frame of the picture.
    package let rows: Int
    package let columns: Int
    package let width: Int
    /// [token, width].
    package let values: FloatBuffer
    /// Of each of the decoder's first layers, what is added after it: [token, width].
    package let deepStack: [FloatBuffer]
}
