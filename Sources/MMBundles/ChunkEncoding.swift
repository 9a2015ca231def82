/// The codec of one stored chunk, by its id in the chunk table (formats/mmpack.md).
///
/// Ids 2 (rANS) and 3 (h4) belong to codecs of later versions; a reader of version 1 refuses them by name.
public enum ChunkEncoding: UInt32, Sendable, Hashable {
    case raw = 0
    case zhuff = 1
    case zstandard = 4

    static func reservedName(of id: UInt32) -> String? {
        switch id {
        case 2: "rANS"
        case 3: "h4"
        default: nil
        }
    }
}
