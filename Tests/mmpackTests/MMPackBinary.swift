import Foundation
import MMBytes

/// The built executable, run on files as a user runs it.
enum MMPackBinary {
    struct Outcome {
        let status: Int32
        let output: [UInt8]
        let talk: String

        var text: String { String(decoding: output, as: UTF8.self) }

        func json() throws -> JSONValue { try JSONValue(parsing: output) }
    }

    /// Next to the test bundle: both are products of one build.
    static let path: String = {
        let test = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: test).deletingLastPathComponent().appendingPathComponent("mmpack").path
    }()

    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        let talk = Pipe()
        process.standardOutput = output
        process.standardError = talk
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // Both pipes are drained at once: a full one would stop the process.
        let queue = DispatchQueue(label: "talk")
        nonisolated(unsafe) var talkData = Data()
        let group = DispatchGroup()
        queue.async(group: group) { talkData = talk.fileHandleForReading.readDataToEndOfFile() }
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        group.wait()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: Array(outputData),
            talk: String(decoding: talkData, as: UTF8.self)
        )
    }
}
