internal import MMBytes
internal import MMQuantization
internal import MMReference
internal import MMStorage

/// verify --self-test: the model that is part of the program is converted, quantized, verified and asked, in a folder of
/// its own that is removed again.
package struct SelfTestJob: Sendable {
    /// The recipe whose bundle is asked.
    private static let recipe = "q4"
    /// Probes that are asked by generating, one of each of the first kinds.
    private static let askedCount = 4

    /// An empty folder for the files, which this job removes.
    private let folder: String
    private let width: Int
    private let probeCount: Int

    /// - Parameter folder: is made and removed; must not be there.
    package init(folder: String, width: Int, probeCount: Int = 640) {
        self.folder = folder
        self.width = width
        self.probeCount = probeCount
    }

    /// - Throws: `FileError` for a folder that cannot be made or written; what converting, verifying and running throw,
    ///   which only a broken program does.
    package func run(progress: @escaping ProgressHandler) throws -> SelfTestReport {
        guard try FileSystem.createFolder(folder) else { throw FileError(.exists, path: folder) }
        defer { removeAll() }
        let source = path("mm1-nano")
        _ = try FileSystem.createFolder(source)
        try EmbeddedModel.write(to: source)
        var reports: [SelfTestReport.Step] = []
        for recipe in [nil, Self.recipe] {
            let bundle = path("\(recipe ?? "lossless").mmpack")
            var options = WriteOptions(sourcePath: source, outputPath: bundle, width: width)
            options.recipe = try recipe.map { try QuantizationRecipe.named($0) }
            _ = try WriteJob(options).run(progress: progress)
            var verification = VerifyOptions(width: width)
            verification.probeCount = probeCount
            let report = try VerifyJob.run(
                bundlePath: bundle,
                sourcePath: source,
                options: verification,
                progress: progress
            )
            reports.append(SelfTestReport.Step(recipe: recipe ?? Provenance.losslessRecipe, report: report))
        }
        return SelfTestReport(steps: reports, answers: try answers(of: path("\(Self.recipe).mmpack")))
    }

    /// What the bundle says about pictures that neither it nor anyone has seen.
    private func answers(of bundle: String) throws -> [SelfTestReport.Answer] {
        let session = try GenerationSession(path: bundle, width: width)
        return try (0..<Self.askedCount).map { number in
            let probe = SceneProbe(number)
            let picture = path("picture.ppm")
            try AtomicOutput.write(probe.scene.picture().portablePixmap, to: picture, replacing: true)
            var bytes: [UInt8] = []
            _ = try session.generate(
                prompt: .chat(user: ByteString(probe.question.text), system: nil),
                images: [picture],
                limit: 64,
                temperature: 0,
                seed: 0
            ) { bytes += $0 }
            return SelfTestReport.Answer(
                question: probe.question.text,
                expected: probe.question.answer,
                given: ByteString(bytes).description
            )
        }
    }

    private func path(_ name: String) -> String { FileSystem.path(of: name, in: folder) }

    private func removeAll() {
        let source = path("mm1-nano")
        for inside in [source, folder] {
            for name in (try? FileSystem.names(in: inside)) ?? [] {
                try? FileSystem.removeFile(FileSystem.path(of: name.description, in: inside))
            }
        }
        FileSystem.removeEmptyFolder(source)
        FileSystem.removeEmptyFolder(folder)
    }
}
