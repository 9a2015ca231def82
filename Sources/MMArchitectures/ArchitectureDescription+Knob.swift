internal import MMBytes

extension ArchitectureDescription {
    /// A named fact of a model, and where each kind of checkpoint keeps it.
    struct Knob: Sendable, Hashable {
        var name: String
        var rule: Rule
        /// Whether no publication gives it, so that the description's author chose it.
        var isAssumed = false

        enum Rule: Sendable, Hashable {
            /// A constant, or computed from the knobs before it.
            case computed(Expression)
            /// Whether the tensor of that bundle name is not in the source.
            case absence(of: ByteString)
            /// How many rows the tensor of that bundle name has, in its last dimension but one; the expression where the source
            /// does not have it.
            case rowCount(of: ByteString, otherwise: Expression)
            case read(Reading)
        }

        struct Reading: Sendable, Hashable {
            var type: KnobType
            /// Paths in config.json; the first that is there, and not null, counts.
            var paths: [String]
            /// What holds when no path is there: the default of the class in transformers.
            var fallback: Expression
            /// Where GGUF files keep it, tried in order; empty for knobs that they do not know, where `fallback` holds.
            var ggufSources: [GGUFSource]
        }

        enum GGUFSource: Sendable, Hashable {
            /// The value of a key.
            case key(NameTemplate)
            /// The number of elements of an array.
            case length(NameTemplate)
            /// Where an array of flags is true, as a list of indices.
            case indices(NameTemplate)
            /// Whether a tensor, given by bundle name, is there.
            case presence(of: ByteString)
            /// The id of the token that is spelled so.
            case token(ByteString)
            case value(Expression)
        }
    }

    enum KnobType: String, Sendable, Hashable, CaseIterable {
        /// A whole number from 1 to 2^40.
        case count
        case number
        case flag
        case text
        /// The id of a token, or nothing.
        case token
        /// A count where the model has it: null in config.json says that it has not, which the default need not say.
        case optionalCount = "count?"
        /// Likewise a number.
        case optionalNumber = "number?"
        /// A list of scalars, or nothing.
        case list
    }
}
