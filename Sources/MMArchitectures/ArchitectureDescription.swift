internal import MMBytes

/// One file of formats/architectures/: a model family as data. The schema is formats/schemas/architecture.json.
package struct ArchitectureDescription: Sendable, Hashable {
    package let id: String
    package let title: String
    package let status: Status
    package let graph: Graph
    let match: Match
    /// What `{prefix}` may stand for in Hugging Face names, the usual one first.
    var prefixes: [ByteString]
    /// In the order that they are resolved in: a knob may use those before it.
    let knobs: [Knob]
    /// Facts of each layer `i`, in order: one may use the knobs and those before it.
    let layerKnobs: [LayerKnob]
    /// What must hold so that the reference model computes what the checkpoint means.
    let runs: [Condition]
    /// In execution order.
    let groups: [TensorGroup]
    let ignored: [IgnoredTensor]
    let configurationTemplate: ConfigurationTemplate?
    /// The way from a vision tower's tokens to a decoder's.
    let connector: ConnectorDescription?

    package enum Status: String, Sendable, Hashable, CaseIterable {
        /// Held to logits of an outside implementation.
        case verified
        /// Written from a publication, without an implementation to compare with.
        case assumed
    }

    /// The parts of a vision-language model, each with a description of its own.
    let components: [ComponentUse]
    let fusion: FusionDescription?
    /// Whether transformers ties head and embedding of such a model where config.json says nothing.
    let isTiedByDefault: Bool

    /// What computes the model.
    package enum Graph: String, Sendable, Hashable, CaseIterable {
        case decoder
        /// A vision tower, with its connector where the tower's class in transformers holds it.
        case vit
        /// A decoder with pictures among its tokens.
        case visionLanguage = "vision-language"
    }
}

extension ArchitectureDescription {
    /// What no publication gives, so that the description chose it: parts, the connector, the fusion, and knobs by name.
    package var assumptions: [String] {
        components.filter(\.isAssumed).map(\.component.rawValue)
            + (connector?.isAssumed == true ? ["connector"] : []) + (fusion?.isAssumed == true ? ["fusion"] : [])
            + knobs.filter(\.isAssumed).map(\.name)
    }

    /// The same with other prefixes, as a part of a larger model has them.
    func with(prefixes: [ByteString]) -> ArchitectureDescription {
        var copy = self
        copy.prefixes = prefixes
        return copy
    }

    /// How a checkpoint says that it is of this architecture.
    struct Match: Sendable, Hashable {
        /// `model_type` in config.json.
        var modelTypes: [ByteString]
        /// What `architectures` in config.json may name, where it is there.
        var classes: [ByteString]
        /// Members of config.json that make it another kind of checkpoint.
        var absent: [ByteString]
        /// `general.architecture` of a GGUF file.
        var ggufArchitectures: [ByteString]
        /// `clip.projector_type` of the file beside a text file; empty for what is described by one file.
        var ggufProjectors: [ByteString]
        /// What the knobs must say on top.
        var conditions: [Condition]
    }

    /// A fact that differs from layer to layer.
    struct LayerKnob: Sendable, Hashable {
        var name: String
        var value: Expression
    }

    /// An expression that must hold, and what is the case when it does not.
    struct Condition: Sendable, Hashable {
        var holds: Expression
        var otherwise: String
    }

    /// Tensors one after another, once or once a layer.
    struct TensorGroup: Sendable, Hashable {
        /// How many layers; nil for tensors that are there once.
        var layerCount: Expression?
        var tensors: [TensorRule]
    }

    /// Tensors of the source that are not carried over.
    struct IgnoredTensor: Sendable, Hashable {
        var huggingFaceNames: [NameTemplate]
        var ggufNames: [NameTemplate]
        var reason: String
    }

    /// How config.json is written for a model that came without one.
    struct ConfigurationTemplate: Sendable, Hashable {
        /// What must hold for transformers to mean the same model.
        var conditions: [Condition]
        var members: [ConfigurationMember]
    }

    struct ConfigurationMember: Sendable, Hashable {
        var name: ByteString
        var value: Value

        indirect enum Value: Sendable, Hashable {
            case literal(JSONValue)
            case knob(String)
            /// A number that is written with a point even where it is whole: transformers 5 tells the two apart.
            case float(String)
            /// The values of a list, two by two.
            case pairs(String)
            /// The layers of which a layer knob is true.
            case layers(String)
            case list([Value])
        }
    }
}
