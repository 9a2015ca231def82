internal import ArgumentParser
internal import MMToolchain

struct ExportTarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tar",
        abstract: "Write all parts of a bundle into one tar archive.",
        discussion: """
            The same bundle gives the same bytes: parts sorted, owner 0, mode 0644, time 0 or SOURCE_DATE_EPOCH. Each part \
            begins at a multiple of 16,384 bytes, so that inspect, verify, run and every SOURCE take the archive itself, \
            mapped in place.

            EXAMPLE
              mmpack export tar smol.mmpack -o smol.tar
              mmpack verify smol.tar
            """
    )

    @Argument(help: ArgumentHelp("The bundle: a file, any part of a set, or an archive of one.", valueName: "BUNDLE"))
    var bundle: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The archive to write.", valueName: "FILE.tar"))
    var output: String

    @Flag(help: "Replace an existing output, atomically.")
    var force = false

    @Flag(help: "Print a report as JSON (formats/schemas/export-tar.json).")
    var json = false

    func run() throws {
        let line = ProgressLine()
        let job = TarExportJob(
            bundlePath: bundle,
            outputPath: output,
            isReplacing: force,
            sourceDateEpoch: try WriteArguments.sourceDateEpoch(),
            width: Process.processorCount
        )
        let report = try job.run { line.show($0) }
        line.clear()
        if json {
            try StandardOutput.write(json: report.json)
        } else {
            let parts = report.files.count == 1 ? "1 part" : "\(report.files.count) parts"
            StandardError.note("wrote \(report.path): \(parts), \(ByteSize.text(report.byteCount))")
        }
    }
}
