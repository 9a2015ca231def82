/// What a name filled into a template's places.
struct NameMatch: Sendable, Hashable {
    let layer: Int?
    let expert: Int?
}
