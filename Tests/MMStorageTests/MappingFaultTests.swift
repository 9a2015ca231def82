import MMBytes
import MMStorage
import MMTestSupport
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a process does when a file that it has mapped becomes shorter. Each runs in a process of its own, in a folder that
/// the environment names, since a body of an exit test takes nothing with it.
@Suite(.serialized) struct MappingFaultTests {
    static let variable = "MMPACK_FAULT_FOLDER"
    static let byteCount = 1 << 16

    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.file("weights", [UInt8](repeating: 7, count: Self.byteCount))
        _ = try folder.file("out", [1])
        setenv(Self.variable, folder.path, 1)
    }

    /// Maps the file, then cuts it; gives the mapping.
    private static func cutMapping() throws -> MappedFile {
        let path = try path(of: "weights")
        let mapping = try MappedFile(try InputFile(path: path))
        #expect(truncate(path, 0) == 0)
        return mapping
    }

    private static func path(of name: String) throws -> String {
        "\(String(cString: try #require(getenv(variable))))/\(name)"
    }

    @Test func aShorterFileIsNamedAndTheTemporaryFilesGo() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(74),
            observing: [\.standardErrorContent]
        ) {
            MappingFaults.endProcess(saying: "error: ", status: 74)
            let output = try AtomicOutput(path: try MappingFaultTests.path(of: "out"))
            let committed = try AtomicOutput(path: try MappingFaultTests.path(of: "done"))
            try committed.commit(replacing: false)
            let other = try MappedFile(try InputFile(path: try MappingFaultTests.path(of: "out")))
            let mapping = try MappingFaultTests.cutMapping()
            // The value is used, so that the access is made.
            let byte = mapping.bytes.unsafeLoad(fromByteOffset: MappingFaultTests.byteCount / 2, as: UInt8.self)
            withExtendedLifetime((output, other)) { exit(Int32(byte)) }
        }
        let talk = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(talk.contains("error: \(folder.path("weights")): changed while it was read\n"), "\(talk)")
        #expect(folder.entries == ["done", "out", "weights"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("out"))) == Data([1]))
    }

    @Test func anotherFaultEndsAsBefore() async {
        await #expect(processExitsWith: .signal(SIGBUS)) {
            MappingFaults.endProcess(saying: "error: ", status: 74)
            // A mapping that is no `MappedFile`, beside one that is.
            let path = try MappingFaultTests.path(of: "weights")
            let mapping = try MappedFile(try InputFile(path: path))
            let descriptor = open(path, O_RDONLY)
            let address = mmap(nil, MappingFaultTests.byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
            #expect(truncate(path, 0) == 0)
            let byte = address?.load(as: UInt8.self)
            withExtendedLifetime(mapping) { exit(Int32(byte ?? 0)) }
        }
    }

    @Test func aSignalThatSomebodySendsEndsAsBefore() async {
        await #expect(processExitsWith: .signal(SIGBUS)) {
            MappingFaults.endProcess(saying: "error: ", status: 74)
            kill(getpid(), SIGBUS)
            // Whichever thread it is delivered to, it ends the process before this does.
            sleep(60)
        }
    }

    @Test func writingFromAShorterMappingNamesTheMappedFile() throws {
        let mapping = try Self.cutMapping()
        let output = try AtomicOutput(path: folder.path("new"))
        let error = #expect(throws: FileError.self) { try output.write(mapping.bytes, at: 0) }
        #expect(error == FileError(.changedWhileReading, path: folder.path("weights")))
    }

    @Test func readingWhatIsGoneSaysThatTheFileChanged() throws {
        let file = try InputFile(path: folder.path("weights"))
        #expect(truncate(folder.path("weights"), 100) == 0)
        let error = #expect(throws: FileError.self) { try file.bytes(at: 0, byteCount: Self.byteCount) }
        #expect(error?.reason == .changedWhileReading)
        #expect(error?.category == .inputOutput)
    }
}
