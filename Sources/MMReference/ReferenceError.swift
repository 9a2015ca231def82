package import MMBytes
package import MMTensors

/// Why the reference model cannot be built or run.
package struct ReferenceError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case missingTensor(ByteString)
        case wrongShape(ByteString, found: Shape, needed: [Int])
        case undecodableType(ByteString, ElementType)
        case impossibleConfiguration(Knob, Int)
        case tokenOutOfRange(id: UInt32, position: Int, vocabularyCount: Int)
        case contextOverflow(needed: Int, capacity: Int)
        /// Positions that see each other do not fit a batch.
        case blockTooLong(count: Int, batchLimit: Int)
        case outOfMemory(elementCount: Int)
        case stateOfAnotherModel
        case noLogits
    }

    /// A number of the configuration that does not go with the others.
    package enum Knob: String, Sendable, Hashable {
        case vocabularyCount = "vocabulary"
        case modelWidth = "model width"
        case layerCount = "number of layers"
        case headCount = "number of heads"
        case keyValueHeadCount = "number of key and value heads"
        case headWidth = "width of a head"
        case feedForwardWidth = "feed-forward width"
        case rotaryWidth = "rotary width"
        case rotaryFactorCount = "number of rotary factors"
        case window = "attention window"
        case expertCount = "number of experts"
        case capacity = "context capacity"
    }

    package let reason: Reason

    @inline(never)
    package init(_ reason: Reason) {
        self.reason = reason
    }

    package var category: ErrorCategory {
        switch reason {
        case .missingTensor, .wrongShape, .undecodableType, .impossibleConfiguration, .tokenOutOfRange: .badData
        case .contextOverflow: .usage
        case .outOfMemory: .tryAgain
        case .stateOfAnotherModel, .noLogits, .blockTooLong: .internalFault
        }
    }

    package var description: String {
        switch reason {
        case .missingTensor(let name): "\(name): tensor is missing; the model cannot run without it"
        case .wrongShape(let name, let found, let needed):
            "\(name): shape is \(found); the configuration needs \(needed)"
        case .undecodableType(let name, let type): "\(name): elements of type \(type) cannot be computed with"
        case .impossibleConfiguration(let knob, let value): "configuration: \(knob.rawValue) \(value) is not possible"
        case .tokenOutOfRange(let id, let position, let vocabularyCount):
            "token \(id) at position \(position): the vocabulary has \(vocabularyCount) entries"
        case .contextOverflow(let needed, let capacity):
            "context: \(needed) positions needed, room for \(capacity)"
        case .blockTooLong(let count, let batchLimit):
            "batch: \(count) positions see each other, and a batch holds \(batchLimit)"
        case .outOfMemory(let elementCount):
            "memory: the system does not give room for \(elementCount) f32; fewer tokens need less"
        case .stateOfAnotherModel: "the state was made for another model"
        case .noLogits: "no position was evaluated"
        }
    }
}
