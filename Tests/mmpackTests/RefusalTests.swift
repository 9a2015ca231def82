import Foundation
import MMBytes
import MMTestSupport
import Testing

/// What a user sees when something is wrong: one clear line, the right exit code, nothing lost.
@Suite struct RefusalTests {
    private static let folder = MainJobTests.folder

    private func expectRefusal(
        _ arguments: [String],
        status: Int32,
        saying words: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try MMPackBinary.run(arguments)
        #expect(outcome.status == status, "\(outcome.talk)", sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
        for word in words {
            #expect(outcome.talk.contains(word), "\(outcome.talk)", sourceLocation: sourceLocation)
        }
        #expect(outcome.talk.hasPrefix("mmpack: error: "), "\(outcome.talk)", sourceLocation: sourceLocation)
        #expect(outcome.talk.split(separator: "\n").count == 1, "\(outcome.talk)", sourceLocation: sourceLocation)
    }

    @Test func unknownOption() throws {
        try expectRefusal(["convert", Self.folder, "-o", "x", "--sideways"], status: 64, saying: ["--sideways"])
    }

    @Test func unknownRecipe() throws {
        try expectRefusal(["quantize", "q3", Self.folder, "-o", "x"], status: 64, saying: ["q3", "q4_0"])
    }

    @Test(arguments: ["convert", "inspect", "verify"])
    func missingInput(command: String) throws {
        let work = try TemporaryFolder()
        let missing = work.path("absent.gguf")
        let output = command == "convert" ? ["-o", work.path("out.mmpack")] : []
        try expectRefusal([command, missing] + output, status: 66, saying: ["absent.gguf"])
        #expect(work.entries.isEmpty)
    }

    @Test func unwritableTarget() throws {
        try expectRefusal(
            ["convert", Self.folder, "-o", "/nonexistent/out.mmpack"],
            status: 73,
            saying: ["/nonexistent"]
        )
    }

    @Test func existingOutputNeedsForce() throws {
        let work = try TemporaryFolder()
        let path = try work.file("out.mmpack", Array("precious".utf8))
        try expectRefusal(["convert", Self.folder, "-o", path], status: 73, saying: ["--force"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", path, "--force"]).status == 0)
        #expect(try MMPackBinary.run(["verify", path]).status == 0)
    }

    @Test func truncatedInput() throws {
        let work = try TemporaryFolder()
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/model.safetensors")))
        for count in [0, 4, 8, 200, whole.count - 1] {
            let path = try work.file("cut.safetensors", Array(whole[..<count]))
            let output = work.path("out.mmpack")
            try expectRefusal(["convert", path, "-o", output], status: 65, saying: ["cut.safetensors"])
        }
        #expect(work.entries == ["cut.safetensors"])
    }

    @Test func aFailureKeepsTheOldOutput() throws {
        let work = try TemporaryFolder()
        let output = try work.file("out.mmpack", Array("old".utf8))
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: MainJobTests.gguf)))
        let cut = try work.file("cut.gguf", Array(whole[..<(whole.count / 2)]))
        try expectRefusal(["convert", cut, "-o", output, "--force"], status: 65)
        #expect(try Data(contentsOf: URL(fileURLWithPath: output)) == Data("old".utf8))
        #expect(work.entries == ["cut.gguf", "out.mmpack"])
    }

    @Test func nonFiniteWeightsAreNamedAndCounted() throws {
        let work = try TemporaryFolder()
        for entry in try FileManager.default.contentsOfDirectory(atPath: Self.folder) {
            try FileManager.default.copyItem(atPath: "\(Self.folder)/\(entry)", toPath: work.path(entry))
        }
        let path = work.path("model.safetensors")
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let inspected = try MMPackBinary.run(["inspect", path, "--json"]).json()
        let tensors = try #require(inspected["tensors"]?.elements)
        let index = try #require(tensors.firstIndex { $0["name"]?.string?.string.contains("q_proj") == true })
        let before = tensors[..<index].reduce(0) { $0 + ($1["nbytes"]?.integer ?? 0) }
        let total = tensors.reduce(0) { $0 + ($1["nbytes"]?.integer ?? 0) }
        let start = bytes.count - total + before
        for byte in 0..<8 { bytes[start + byte] = 0xFF }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let output = work.path("out.mmpack")
        try expectRefusal(["quantize", "q4", work.path, "-o", output], status: 65, saying: ["q.weight", "2 elements"])
        #expect(!work.entries.contains("out.mmpack"))
        #expect(try MMPackBinary.run(["convert", work.path, "-o", output, "--verify"]).status != 65)
    }

    @Test func aSpecialFileIsNoInput() throws {
        try expectRefusal(["inspect", "/dev/zero"], status: 65, saying: ["/dev/zero"])
    }

    @Test func aSpecialFileIsNoOutput() throws {
        let work = try TemporaryFolder()
        let output = work.path("pipe")
        #expect(mkfifo(output, 0o600) == 0)
        for options in [[], ["--force"]] {
            try expectRefusal(
                ["convert", Self.folder, "-o", output] + options,
                status: 73,
                saying: ["not a regular file"]
            )
        }
        let bundle = work.path("b.mmpack")
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", bundle]).status == 0)
        try expectRefusal(["verify", bundle, "--tokens", "4", "--report", output], status: 73)
        var status = stat()
        #expect(lstat(output, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        try expectRefusal(["verify", bundle, "--tokens", "4", "--report", output, "--force"], status: 73)
        #expect(work.entries == ["b.mmpack", "pipe"])
    }

    @Test func aContextThatFitsNoMemoryIsAnError() throws {
        let work = try TemporaryFolder()
        for entry in try FileManager.default.contentsOfDirectory(atPath: Self.folder) {
            try FileManager.default.copyItem(atPath: "\(Self.folder)/\(entry)", toPath: work.path(entry))
        }
        let text = try String(contentsOfFile: work.path("config.json"), encoding: .utf8)
        let huge = text.replacingOccurrences(
            of: #""max_position_embeddings": [0-9]+"#,
            with: #""max_position_embeddings": 1099511627776"#,
            options: .regularExpression
        )
        #expect(huge != text)
        _ = try work.file("config.json", Array(huge.utf8))
        let prompt = ["run", work.path, "--prompt", "a", "--max-tokens"]
        #expect(try MMPackBinary.run(prompt + ["2"]).status == 0)
        try expectRefusal(prompt + ["\(Int.max)"], status: 75, saying: ["memory"])
        try expectRefusal(["verify", work.path, "--tokens", "\(Int.max)"], status: 64, saying: ["--tokens"])
    }

    @Test func aFailedExportLeavesNoFolder() throws {
        let work = try TemporaryFolder()
        let bundle = work.path("b.mmpack")
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", bundle]).status == 0)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: bundle)))
        // In the weights: found by the digest of its chunk when that is read.
        for offset in 20_000..<20_100 { bytes[offset] ^= 0xFF }
        try Data(bytes).write(to: URL(fileURLWithPath: bundle))
        try expectRefusal(["export", "safetensors", bundle, "-o", work.path("out")], status: 65)
        #expect(work.entries == ["b.mmpack"])
    }

    @Test func anUnknownTensorIsNamed() throws {
        try expectRefusal(["inspect", Self.folder, "--tensor", "no.such"], status: 64, saying: ["no.such"])
    }

    @Test func anUnknownArchitectureConvertsAndSaysWhatItIsNot() throws {
        let work = try TemporaryFolder()
        let source = Fixture.path("safetensors/good/every-dtype.safetensors")
        let output = work.path("out.mmpack")
        let convert = try MMPackBinary.run(["convert", source, "-o", output, "--json", "--verify"])
        #expect(convert.status == 0, "\(convert.talk)")
        let report = try convert.json()
        #expect(report["verifiable"] == false)
        #expect(report["notes"]?.elements?.isEmpty == false)
        let strict = try MMPackBinary.run(["verify", output, "--against", source, "--max-kl", "1"])
        #expect(strict.status == 1)
        // Its matrices are too narrow for a block.
        try expectRefusal(
            ["quantize", "q4", source, "-o", work.path("q.mmpack")],
            status: 65,
            saying: ["no tensor that it quantizes"]
        )
    }

    @Test func aReportIsReplacedOnlyByForce() throws {
        let work = try TemporaryFolder()
        let bundle = work.path("b.mmpack")
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", bundle]).status == 0)
        let report = try work.file("r.json", Array("precious".utf8))
        let verify = ["verify", bundle, "--tokens", "4", "--report", report]
        try expectRefusal(verify, status: 73, saying: ["--force"])
        #expect(try String(contentsOfFile: report, encoding: .utf8) == "precious")
        #expect(try MMPackBinary.run(verify + ["--force"]).status == 0)
        #expect(try String(contentsOfFile: report, encoding: .utf8).contains(#""passed": true"#))
        #expect(work.entries == ["b.mmpack", "r.json"])
    }

    @Test(arguments: [
        ["--temperature", "-1"], ["--temperature=-1"], ["--temperature", "inf"], ["--max-tokens", "-1"],
    ])
    func aNumberOutOfRangeIsToldItsRange(option: [String]) throws {
        try expectRefusal(["run", Self.folder, "--prompt", "a"] + option, status: 64, saying: ["from 0 on"])
    }

    @Test(arguments: ["1", "16KiB"])
    func aShardThatNoBundleFitsIsAUsageError(size: String) throws {
        let work = try TemporaryFolder()
        try expectRefusal(
            ["convert", Self.folder, "-o", work.path("x.mmpack"), "--shard-size", size],
            status: 64,
            saying: ["--shard-size takes at least 16896 bytes"]
        )
        // Large enough for some bundle, but not for this one.
        try expectRefusal(
            ["convert", Self.folder, "-o", work.path("x.mmpack"), "--shard-size", "20000"],
            status: 65,
            saying: ["the shard size is 20000"]
        )
        #expect(work.entries.isEmpty)
    }

    @Test func moreTensorsThanTheLimitAreRefused() throws {
        let work = try TemporaryFolder()
        let count = (1 << 18) + 1
        var header = "{"
        for index in 0..<count {
            header += #"\#(index == 0 ? "" : ",")"t\#(index)":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
        }
        header += "}"
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
        bytes += header.utf8
        let path = try work.file("many.safetensors", bytes)
        try expectRefusal(["inspect", path], status: 65, saying: ["t262144", "more than 262144 tensors"])
    }

    @Test(arguments: [["bogus"], ["convert"], ["run", "x"], ["verify", "x", "--tokens", "many"]])
    func everyUsageErrorIsOneLine(arguments: [String]) throws {
        try expectRefusal(arguments, status: 64)
    }

    @Test func aPromptBeyondTheContextIsRefused() throws {
        let prompt = String(repeating: "word ", count: 2000)
        try expectRefusal(["run", Self.folder, "--prompt", prompt], status: 64, saying: ["tokens", "128"])
    }

    /// The limit on the length of a file stands in for a full disk.
    @Test func anExportThatFailsLeavesNoFolder() throws {
        let work = try TemporaryFolder()
        let process = Foundation.Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"",
            MMPackBinary.path, "export", "safetensors", Self.folder, "-o", work.path("out"),
        ]
        let talk = Pipe()
        process.standardError = talk
        try process.run()
        let text = String(decoding: talk.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 74)
        #expect(text.contains("File too large"), "\(text)")
        #expect(work.entries.isEmpty)
    }

    /// Runs a line of shell in which `$0` is the executable and `$1` a folder.
    private func shell(_ line: String, _ work: TemporaryFolder) throws -> (status: Int32, output: String, talk: String)
    {
        let process = Foundation.Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line, MMPackBinary.path, work.path]
        let (output, talk) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = talk
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let error = String(decoding: talk.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text, error)
    }

    /// The reader is gone before anything is written: its end of the FIFO is closed when the shell has opened both.
    @Test(arguments: [
        "inspect '\(folder)' --json", "run '\(folder)' --prompt a --max-tokens 4",
        "export safetensors $1/b.mmpack -o $1/x --json",
        "convert '\(folder)' -o $1/c.mmpack --json", "verify $1/b.mmpack --tokens 4",
    ])
    func aClosedStandardOutputEndsQuietlyAndLeavesNothing(command: String) throws {
        let work = try TemporaryFolder()
        let line = """
            "$0" convert '\(Self.folder)' -o $1/b.mmpack 2>/dev/null
            mkfifo $1/pipe
            exec 3<>$1/pipe 4>$1/pipe 3>&-
            "$0" \(command) >&4 4>&-
            echo $? >$1/status
            """
        let outcome = try shell(line, work)
        #expect(try String(contentsOfFile: work.path("status"), encoding: .utf8) == "141\n")
        #expect(outcome.talk.isEmpty, "\(outcome.talk)")
        #expect(!work.entries.contains { $0.contains("partial") }, "\(work.entries)")
    }

    @Test func aTextMayComeFromAPipe() throws {
        let work = try TemporaryFolder()
        #expect(try MMPackBinary.run(["convert", Self.folder, "-o", work.path("b.mmpack")]).status == 0)
        let words = "echo 'one text of several words, said twice'"
        let first = try shell("\(words) | \"$0\" verify $1/b.mmpack --json --text -", work)
        let second = try shell(
            "mkfifo $1/pipe; (\(words) >$1/pipe)& \"$0\" verify $1/b.mmpack --json --text $1/pipe",
            work
        )
        #expect(first.status == 0 && second.status == 0, "\(first.talk)\(second.talk)")
        #expect(first.output.contains("the given text"))
        #expect(first.output == second.output)
        let endless = try shell("\"$0\" verify $1/b.mmpack --text - </dev/zero", work)
        #expect(endless.status == 64 && endless.talk.contains("67108864 bytes"), "\(endless.talk)")
    }

    #if os(Linux)
    @Test func aFullStandardOutputSaysSo() throws {
        let process = Foundation.Process()
        let talk = Pipe()
        process.executableURL = URL(fileURLWithPath: MMPackBinary.path)
        process.arguments = ["inspect", Self.folder]
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
        process.standardError = talk
        try process.run()
        let text = String(decoding: talk.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 74)
        #expect(text.contains("No space left"), "\(text)")
    }
    #endif

    @Test func helpTeaches() throws {
        for command in ["convert", "quantize", "verify", "inspect", "run"] {
            let outcome = try MMPackBinary.run([command, "--help"])
            #expect(outcome.status == 0)
            #expect(outcome.text.contains("EXAMPLE"))
            #expect(!outcome.text.contains("ByteSize"))
        }
    }
}
