import MMBytes
import MMStorage
import MMTestSupport
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

@Suite struct AtomicOutputTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func contents(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: folder.path(name))))
    }

    private func write(_ bytes: [UInt8], to output: AtomicOutput, at offset: Int = 0) throws {
        try output.write(bytes.span.bytes, at: offset)
    }

    @Test func appearsWithTheCommit() throws {
        let output = try AtomicOutput(path: folder.path("x"))
        try write([1, 2], to: output, at: 4)
        try write([9], to: output)
        #expect(folder.entries.count == 1 && folder.entries[0].hasPrefix(".x.partial-"))
        try output.setByteCount(8)
        try output.commit(replacing: false)
        #expect(folder.entries == ["x"])
        #expect(try contents("x") == [9, 0, 0, 0, 1, 2, 0, 0])
    }

    @Test func refusesATakenNameUnlessReplacing() throws {
        _ = try folder.file("x", [5])
        let refused = try AtomicOutput(path: folder.path("x"))
        try write([1], to: refused)
        let error = #expect(throws: FileError.self) { try refused.commit(replacing: false) }
        #expect(error?.category == .cannotCreate)
        #expect(folder.entries == ["x"])
        #expect(try contents("x") == [5])
        let replacing = try AtomicOutput(path: folder.path("x"))
        try write([1], to: replacing)
        try replacing.commit(replacing: true)
        #expect(try contents("x") == [1])
        #expect(folder.entries == ["x"])
    }

    @Test func leavesNothingWhenDiscardedOrForgotten() throws {
        let output = try AtomicOutput(path: folder.path("x"))
        output.discard()
        output.discard()
        #expect(folder.entries.isEmpty)
        do { _ = try AtomicOutput(path: folder.path("y")) }
        #expect(folder.entries.isEmpty)
    }

    @Test func aSetAppearsWholeOrNotAtAll() throws {
        let outputs = try (0..<3).map { _ in try AtomicOutput(path: folder.path("x")) }
        for (index, output) in outputs.enumerated() { try write([UInt8(index)], to: output) }
        let paths = (0..<3).map { folder.path("x-\($0)") }
        _ = try folder.file("x-2", [7])
        #expect(throws: FileError.self) { try AtomicOutput.commit(outputs, to: paths, replacing: false) }
        #expect(folder.entries == ["x-2"])
        let again = try (0..<3).map { _ in try AtomicOutput(path: folder.path("x")) }
        try AtomicOutput.commit(again, to: paths, replacing: true)
        #expect(folder.entries == ["x-0", "x-1", "x-2"])
        #expect(try contents("x-2") == [])
    }

    @Test func removesAllTemporariesAtOnce() throws {
        let outputs = try (0..<3).map { try AtomicOutput(path: folder.path("x\($0)")) }
        #expect(folder.entries.count == 3)
        AtomicOutput.removeAllTemporaries(in: folder.path)
        #expect(folder.entries.isEmpty)
        withExtendedLifetime(outputs) {}
    }

    @Test func sweepsWhatDeadProcessesLeft() throws {
        // Process ids end at 4,194,304 on Linux and at 99,999 on macOS.
        _ = try folder.file(".x.partial-2000000000-abc", [1])
        _ = try folder.file(".x.partial-1-abc", [1])
        _ = try folder.file(".x.partial-word-abc", [1])
        _ = try folder.file(".other.partial-2000000000-abc", [1])
        let output = try AtomicOutput(path: folder.path("x"))
        output.discard()
        #expect(folder.entries == [".other.partial-2000000000-abc", ".x.partial-1-abc", ".x.partial-word-abc"])
    }

    @Test func namesAFolderThatIsNotThere() throws {
        let error = #expect(throws: FileError.self) { try AtomicOutput(path: folder.path("no/x")) }
        #expect(error?.category == .cannotCreate)
        #expect(error?.path == folder.path("no/x"))
    }

    @Test func takesThePlaceOfNothingButARegularFile() throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: false)
        try manager.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: folder.path("gone"))
        for name in ["folder", "link", "folder/", ""] {
            let path = name.isEmpty ? "" : folder.path(name)
            let error = #expect(throws: FileError.self) { try AtomicOutput(path: path) }
            #expect(error?.category == .cannotCreate, "\(name)")
        }
        // One that comes while the file is being written.
        let output = try AtomicOutput(path: folder.path("late"))
        try manager.createSymbolicLink(atPath: folder.path("late"), withDestinationPath: folder.path("gone"))
        #expect(throws: FileError(.notReplaceable, path: folder.path("late"))) { try output.commit(replacing: true) }
        #expect(folder.entries == ["folder", "late", "link"])
    }

    @Test func aSetThatCannotBeReplacedWholeKeepsTheOldOne() throws {
        for index in 0..<2 { _ = try folder.file("x-\(index)", [7, UInt8(index)]) }
        try FileManager.default.createDirectory(atPath: folder.path("x-2"), withIntermediateDirectories: false)
        let outputs = try (0..<3).map { _ in try AtomicOutput(path: folder.path("x")) }
        let paths = (0..<3).map { folder.path("x-\($0)") }
        #expect(throws: FileError.self) { try AtomicOutput.commit(outputs, to: paths, replacing: true) }
        #expect(folder.entries == ["x-0", "x-1", "x-2"])
        #expect(try contents("x-0") == [7, 0])
        #expect(try contents("x-1") == [7, 1])
    }

    @Test func saysEarlyThatTheDiskIsTooSmall() throws {
        try AtomicOutput.checkSpace(for: 1, at: folder.path("x"))
        let error = #expect(throws: FileError.self) {
            try AtomicOutput.checkSpace(for: .max, at: folder.path("x"))
        }
        #expect(error?.category == .inputOutput)
    }

    @Test func givesTheFileItsFinalPermissions() throws {
        let output = try AtomicOutput(path: folder.path("x"))
        _ = try folder.file("y", [])
        let manager = FileManager.default
        let temporary = try manager.attributesOfItem(atPath: output.temporaryPath)
        let usual = try manager.attributesOfItem(atPath: folder.path("y"))
        #expect(temporary[.posixPermissions] as? Int == usual[.posixPermissions] as? Int)
    }
}
