/// The codec of one stored chunk, by its id in the chunk table (formats/mmpack.md).
///
/// Id 3 (h4) is reserved; a reader of version 1 refuses it by name.
public enum ChunkEncoding: UInt32, Sendable, Hashable {
    case raw = 0
    case zhuff = 1
    case rans = 2
    case zstandard = 4

    static func reservedName(of id: UInt32) -> String? {
        switch id {
        case 3: "h4"
        default: nil
        }
    }
}
