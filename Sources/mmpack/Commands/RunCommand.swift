internal import ArgumentParser
internal import MMBytes
internal import MMToolchain

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Let the reference model continue a prompt.",
        discussion: """
            The text goes to standard output as it is generated. The same seed gives the same text. When nobody reads it \
            any more, mmpack ends as other tools in a pipe do, by SIGPIPE.

            EXAMPLE
              mmpack run smol.mmpack --prompt "The capital of France is" --max-tokens 20
              mmpack run smol.mmpack --chat --prompt "What is the capital of France?"
              mmpack run smolvlm.mmpack --chat --image cat.jpg --prompt "What is in the picture?"
            """
    )

    @Argument(help: ArgumentHelp("The bundle; a checkpoint works too.", valueName: "BUNDLE"))
    var bundle: String

    @Option(help: ArgumentHelp("The text to continue.", valueName: "TEXT"))
    var prompt: String?

    @Flag(help: "Ask the prompt as a user's turn, spelled by the model's chat template.")
    var chat = false

    @Option(help: ArgumentHelp("With --chat: what the system says before the user.", valueName: "TEXT"))
    var system: String?
    @Option(
        help: ArgumentHelp(
            "Picture for the prompt: PNG, JPEG, PGM or PPM; may be given again. Pictures go where the prompt has the "
                + "model's marker, such as <image>, else before it; with --chat where the template puts them.",
            valueName: "FILE"
        )
    )
    var image: [String] = []

    @Flag(help: "With --image: show crops of pictures that are much longer than wide too (Gemma 3's do_pan_and_scan).")
    var panAndScan = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Tokens to generate at most.", valueName: "N"))
    var maxTokens = 128

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("0 takes the likeliest token; larger is more varied.", valueName: "T")
    )
    var temperature = 0.0

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the draw.", valueName: "S"))
    var seed: UInt64 = 0

    @Option(parsing: .unconditional, help: ArgumentHelp("Threads; the text does not depend on them.", valueName: "N"))
    var threads: Int?

    @OptionGroup var reading: ReadArguments

    @Option(
        help: ArgumentHelp(
            "Instead: evaluate so many seeded prompt tokens, generate so many more, print the speed of both as JSON.",
            valueName: "P,G",
            visibility: .hidden
        )
    )
    var bench: String?

    func validate() throws {
        if (prompt == nil) == (bench == nil) { throw ValidationError("give --prompt TEXT") }
        if chat, bench != nil { throw ValidationError("--bench takes no --chat") }
        if system != nil, !chat { throw ValidationError("--system goes with --chat") }
        if !image.isEmpty, bench != nil { throw ValidationError("--image goes with --prompt") }
        if panAndScan, image.isEmpty { throw ValidationError("--pan-and-scan goes with --image") }
        if maxTokens < 0 { throw ValidationError("--max-tokens takes a number from 0 on; it was \(maxTokens)") }
        if !(temperature >= 0 && temperature.isFinite) {
            throw ValidationError("--temperature takes a number from 0 on; it was \(temperature)")
        }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads takes 1 to 1024") }
    }

    func run() throws {
        let session = try GenerationSession(
            path: bundle,
            width: threads ?? Process.processorCount,
            isMapping: !reading.noMmap
        )
        if let bench {
            let counts = bench.split(separator: ",").compactMap { Int($0) }
            guard counts.count == 2, counts.allSatisfy({ (1...1 << 20).contains($0) }) else {
                throw ValidationError("--bench takes P,G")
            }
            try StandardOutput.write(
                json: try session.measure(promptCount: counts[0], generatedCount: counts[1], clock: { Process.seconds })
            )
            return
        }
        let start = Process.seconds
        let text = ByteString(prompt ?? "")
        let summary = try session.generate(
            prompt: chat ? .chat(user: text, system: system.map { ByteString($0) }) : .text(text),
            images: image,
            isPanning: panAndScan,
            limit: maxTokens,
            temperature: temperature,
            seed: seed,
            secondsSince1970: chat ? try WriteArguments.sourceDateEpoch() : nil
        ) { try StandardOutput.write(bytes: $0) }
        try StandardOutput.write("\n")
        let seconds = Process.seconds - start
        if Process.standardErrorIsTerminal {
            StandardError.note(
                "\(summary.promptCount) prompt tokens, \(summary.generatedCount) generated in \(Decimal.text(seconds, significantDigits: 3)) s"
            )
        }
    }
}
