public import Foundation

/// Files under fixtures/, found from this source file so that no resource bundle is needed.
public enum Fixture {
    public static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The path of `fixtures/<path>`.
    public static func path(_ path: String) -> String {
        repository.appendingPathComponent("fixtures").appendingPathComponent(path).path
    }

    /// The bytes of `fixtures/<path>`; a missing golden is a failure, not a skip.
    public static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: self.path(path))))
    }

    /// Paths, relative to fixtures/, of the entries of a folder whose names end in `suffix`, sorted.
    public static func entries(of folder: String, suffix: String = "") -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { "\(folder)/\($0)" }
    }

    /// A real model fetched by fixtures/fetch.py, or nil where it has not been fetched.
    public static func model(_ name: String) -> String? {
        let folder =
            ProcessInfo.processInfo.environment["MMPACK_MODELS"]
            ?? repository.appendingPathComponent(".cache/models").path
        let path = "\(folder)/\(name)"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
