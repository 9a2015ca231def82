internal import ArgumentParser
internal import MMBundles
internal import MMQuantization
internal import MMToolchain

/// The options that convert and quantize share.
struct WriteArguments: ParsableArguments {
    enum Profile: String, ExpressibleByArgument, CaseIterable {
        case raw
        case device
        case archive

        var bundleProfile: BundleProfile {
            switch self {
            case .raw: .raw
            case .device: .device
            case .archive: .archive
            }
        }
    }

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The bundle to write.", valueName: "OUT.mmpack")
    )
    var output: String

    @Option(
        help: ArgumentHelp(
            "The .gguf file of vision tower and connector that belongs to a .gguf file of text.",
            valueName: "MMPROJ.gguf"
        )
    )
    var mmproj: String?

    @Option(
        help: ArgumentHelp(
            "raw: every tensor as it is, to be mapped. device: floats compressed without loss where that saves 3 %. archive: quantized blocks too.",
            valueName: "raw|device|archive"
        )
    )
    var profile = Profile.device

    @Option(
        help: ArgumentHelp(
            "Largest part, such as 4GB or 512MiB, or a store's limit: ios, android, hub. A larger bundle becomes a numbered set.",
            valueName: "size"
        )
    )
    var shardSize = ByteSize(byteCount: 4 << 30)

    @Flag(help: "Verify the bundle against the source; it appears only if it passes.")
    var verify = false

    @Option(
        help: ArgumentHelp(
            "With --verify: picture to evaluate, instead of those that mmpack draws: PNG, JPEG, PGM or PPM; may be given "
                + "again.",
            valueName: "FILE"
        )
    )
    var image: [String] = []

    @Flag(help: "Replace an existing output, atomically.")
    var force = false

    @Flag(help: "Go on where a killed run of the same command was; what it wrote is read again, and kept where whole.")
    var resume = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Threads; the output does not depend on them.", valueName: "N"))
    var threads: Int?

    @Flag(help: "Print a report as JSON (formats/schemas/write.json; verify.json where --verify rejects).")
    var json = false

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads takes 1 to 1024") }
        if !image.isEmpty, !verify { throw ValidationError("--image goes with --verify") }
        guard shardSize.byteCount >= BundleOptions.leastShardByteCount else {
            throw ValidationError(
                "--shard-size takes at least \(BundleOptions.leastShardByteCount) bytes, which no bundle is smaller than; it was \(shardSize.byteCount)"
            )
        }
    }

    func options(source: String, recipe: QuantizationRecipe?) throws -> WriteOptions {
        let width = threads ?? Process.processorCount
        var options = WriteOptions(sourcePath: source, outputPath: output, width: width)
        options.projectorPath = mmproj
        options.recipe = recipe
        options.profile = profile.bundleProfile
        options.shardByteCount = shardSize.byteCount
        options.isReplacing = force
        options.isResuming = resume
        if verify {
            var verification = VerifyOptions(width: width)
            verification.images = image
            options.verification = verification
        }
        options.sourceDateEpoch = try Self.sourceDateEpoch()
        return options
    }

    static func sourceDateEpoch() throws -> Int? {
        guard let text = Process.environment("SOURCE_DATE_EPOCH") else { return nil }
        guard let seconds = Int(text), seconds >= 0 else {
            throw ValidationError("SOURCE_DATE_EPOCH is \"\(text)\"; it must be seconds since 1970")
        }
        return seconds
    }

    /// Runs the job and tells how it ended.
    func run(source: String, recipe: QuantizationRecipe?) throws {
        let line = ProgressLine()
        let outcome = try WriteJob(try options(source: source, recipe: recipe)).run { line.show($0) }
        line.clear()
        switch outcome {
        case .written(let report):
            if json {
                try StandardOutput.write(json: report.json)
            } else {
                StandardError.write(WriteText.render(report))
            }
        case .rejected(let report):
            if json {
                try StandardOutput.write(json: report.json)
            } else {
                StandardError.write(VerifyText.render(report))
            }
            StandardError.note("verification failed; \(output) was not written")
            Process.exit(.verificationFailed)
        }
    }
}
