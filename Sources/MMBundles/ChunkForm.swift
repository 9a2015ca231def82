internal import MMCodecs
internal import MMTensors

/// How the codecs part the chunks of a type that can be compact.
struct ChunkForm: Sendable, Hashable {
    /// For zHUF.
    let split: PlaneSplit?
    /// For rANS.
    let layout: RansLayout?

    /// Nil for a type that is always stored raw.
    init?(_ type: ElementType) {
        split =
            switch type {
            case .bf16, .f16: .words16
            case .f32: .words32
            case .f64: .words64
            default: nil
            }
        layout =
            switch type {
            case .bf16: .bf16
            case .f16: .f16
            case .f32: .f32
            case .q4_0, .iq4_NL: .q4x0
            case .q4_1: .q4x1
            case .q5_0: .q5x0
            case .q5_1: .q5x1
            case .q8_0: .q8x0
            case .q4_K: .q4xK
            case .q5_K: .q5xK
            case .q6_K: .q6xK
            default: nil
            }
        if split == nil, layout == nil { return nil }
    }

    /// Whether a chunk of this form may have `encoding`.
    func allows(_ encoding: ChunkEncoding) -> Bool {
        switch encoding {
        case .raw: true
        case .zhuff: split != nil
        case .rans: layout != nil
        case .zstandard: false
        }
    }
}
