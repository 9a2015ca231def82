/// The archives that are read.
public enum ArchiveKind: String, Sendable, Hashable, CaseIterable {
    case tar
    case tarGzip = "tar.gz"
    case tarZstandard = "tar.zst"
    case zip
}
