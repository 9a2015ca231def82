internal import MMCodecs
internal import MMTensors

extension ElementType {
    /// How codec zHUF splits this type; nil for a type that is always stored raw.
    var planeSplit: PlaneSplit? {
        switch self {
        case .bf16, .f16: .words16
        case .f32: .words32
        case .f64: .words64
        default: nil
        }
    }
}
