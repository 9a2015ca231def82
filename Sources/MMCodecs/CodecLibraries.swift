internal import CZstd

/// The versions of the libraries whose output enters a bundle: another version may compress to other bytes.
public enum CodecLibraries {
    /// "1.5.4", say: of the library that runs, not of the headers.
    public static var zstdVersion: String {
        let number = ZSTD_versionNumber()
        return "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
    }
}
