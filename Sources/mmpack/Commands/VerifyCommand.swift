internal import ArgumentParser
internal import MMBytes
internal import MMStorage
internal import MMToolchain

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that a bundle is whole and still is the model.",
        discussion: """
            Four stages: integrity (every digest, every padding byte), coverage (every tensor accounted for), tensors \
            (each against its source), behaviour (the reference model run on both). Without --against the last two have \
            nothing to compare with: integrity, coverage and the bundle's own perplexity remain. A model that takes \
            pictures is given some, and the first activation that differs is named, from the tower to the logits.

            Limits come with the recipe that the bundle records; --max-kl, --min-top1 and --max-departure replace them. A \
            lossless bundle must be exact, and so must the tower and the connector of a quantized one that has them as \
            they were. Exit code 1 when a limit is exceeded.

            A model of MM1's that was trained on the pictures that mmpack draws is asked about some that it has not seen, \
            and so is its source: right answers by kind are told, and the probabilities of right answers are held to \
            limits. --self-test does all this with the model that is part of the program: convert, quantize q4, verify, \
            ask.

            EXAMPLE
              mmpack verify smol-q4.mmpack --against SmolLM2/ --report report.json
              mmpack verify --self-test
            """
    )

    @Argument(help: ArgumentHelp("The bundle.", valueName: "BUNDLE"))
    var bundle: String?

    @Flag(
        help: "Instead: prove this program itself, with the model that is part of it (formats/schemas/self-test.json)."
    )
    var selfTest = false

    @Option(help: ArgumentHelp("The checkpoint (or bundle) that it was made from.", valueName: "SOURCE"))
    var against: String?

    @Option(
        help: ArgumentHelp(
            "The .gguf file of vision tower and connector beside --against.",
            valueName: "MMPROJ.gguf"
        )
    )
    var mmproj: String?

    @Option(
        help: ArgumentHelp(
            "Text to evaluate, instead of the built-in one: a file, a pipe, or - for standard input.",
            valueName: "FILE"
        )
    )
    var text: String?

    @Option(
        help: ArgumentHelp(
            "Picture to evaluate, instead of those that mmpack draws: PNG, JPEG, PGM or PPM; may be given again.",
            valueName: "FILE"
        )
    )
    var image: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of text to evaluate at most.", valueName: "N"))
    var tokens = 512

    @Option(parsing: .unconditional, help: ArgumentHelp("Largest mean KL divergence, in nats a token.", valueName: "X"))
    var maxKl: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Least share of positions with the same likeliest token, 0 to 1.", valueName: "P")
    )
    var minTop1: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Largest departure of an activation, in the mean of its tokens, as a share; parts that are stored as they were "
                + "must be exact all the same.",
            valueName: "D"
        )
    )
    var maxDeparture: Double?

    @Flag(help: "Print the report as JSON (formats/schemas/verify.json).")
    var json = false

    @Option(help: ArgumentHelp("Write the report as JSON to a file too.", valueName: "FILE.json"))
    var report: String?

    @Flag(help: "Replace an existing report, atomically.")
    var force = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Threads; the result does not depend on them.", valueName: "N"))
    var threads: Int?

    @OptionGroup var reading: ReadArguments

    /// What is kept of every position must fit memory.
    private static let tokenLimit = 1 << 20
    private static let textByteLimit = 64 << 20

    private static func textBytes(_ path: String) throws -> [UInt8] {
        let bytes = try InputStream.bytes(path, limit: textByteLimit)
        guard let bytes else { throw ValidationError("--text has more than the \(textByteLimit) bytes that are taken") }
        return bytes
    }

    func validate() throws {
        guard selfTest == (bundle == nil) else {
            throw ValidationError(
                selfTest ? "--self-test goes without a bundle" : "Missing expected argument '<BUNDLE>'"
            )
        }
        if selfTest, against != nil || !image.isEmpty || text != nil || report != nil {
            throw ValidationError("--self-test goes with --threads and --json only")
        }
        if mmproj != nil, against == nil { throw ValidationError("--mmproj goes with --against") }
        if !(2...Self.tokenLimit).contains(tokens) {
            throw ValidationError("--tokens takes 2 to \(Self.tokenLimit); it was \(tokens)")
        }
        if let maxKl, !(maxKl >= 0) { throw ValidationError("--max-kl takes a number that is not negative") }
        if let minTop1, !(0...1).contains(minTop1) { throw ValidationError("--min-top1 takes a number from 0 to 1") }
        if let maxDeparture, !(maxDeparture >= 0) {
            throw ValidationError("--max-departure takes a number that is not negative")
        }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads takes 1 to 1024") }
    }

    func run() throws {
        guard let bundle else { return try proveItself() }
        if let report {
            // Before the work, not after.
            try FileSystem.checkTarget(report)
            if !force, FileSystem.exists(report) { throw FileError(.exists, path: report) }
        }
        let line = ProgressLine()
        var options = VerifyOptions(width: threads ?? Process.processorCount)
        options.text = try text.map(Self.textBytes)
        options.images = image
        options.tokenLimit = tokens
        options.maximumDivergence = maxKl
        options.minimumAgreement = minTop1
        options.isMapping = !reading.noMmap
        options.maximumDeparture = maxDeparture
        let outcome = try VerifyJob.run(
            bundlePath: bundle,
            sourcePath: against,
            projectorPath: mmproj,
            options: options
        ) { line.show($0) }
        line.clear()
        if let report {
            try AtomicOutput.write(outcome.json.serialized(.pretty) + [0x0A], to: report, replacing: force)
        }
        if json {
            try StandardOutput.write(json: outcome.json)
        } else {
            try StandardOutput.write(VerifyText.render(outcome))
        }
        if !outcome.isPassed { Process.exit(.verificationFailed) }
    }

    private func proveItself() throws {
        let line = ProgressLine()
        let place = Process.environment("TMPDIR") ?? "/tmp"
        let folder = FileSystem.path(of: "mmpack-self-test-\(Process.identifier)", in: place)
        let outcome = try SelfTestJob(folder: folder, width: threads ?? Process.processorCount).run { line.show($0) }
        line.clear()
        try json
            ? StandardOutput.write(json: outcome.json) : StandardOutput.write(VerifyText.render(outcome))
        if !outcome.isPassed { Process.exit(.verificationFailed) }
    }
}
