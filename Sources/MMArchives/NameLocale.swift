internal import CArchive

/// libarchive turns the names in an archive into the locale's characters, and a name that the locale has no characters
/// for into nothing. The process keeps the locale that it has; the calling thread gets one of UTF-8 for the call.
enum NameLocale {
    /// Made once and never changed or freed; nil where the system has no such locale, whose names are UTF-8 anyway.
    private nonisolated(unsafe) static let utf8: UnsafeMutableRawPointer? = unsafe mmarchive_utf8_locale()

    static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let locale = unsafe utf8 else { return try body() }
        // A live locale, and afterwards the one that the thread had.
        let previous = unsafe mmarchive_use_locale(locale)
        defer { _ = unsafe mmarchive_use_locale(previous) }
        return try body()
    }
}
