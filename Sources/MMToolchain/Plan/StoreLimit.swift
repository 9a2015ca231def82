/// The largest file that a channel of delivery takes, in bytes.
package enum StoreLimit: String, Sendable, Hashable, CaseIterable {
    case ios
    case android
    case hub

    package var byteCount: Int {
        switch self {
        case .ios: 4_000_000_000
        case .android: 1_500_000_000
        case .hub: 20_000_000_000
        }
    }
}
