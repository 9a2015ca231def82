internal import ArgumentParser
internal import MMTensors
internal import MMToolchain

struct ExportSafetensorsCommand: ParsableCommand {
    enum Target: String, ExpressibleByArgument, CaseIterable {
        case same, f32, f16, bf16

        var type: ElementType? {
            switch self {
            case .same: nil
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "safetensors",
        abstract: "Write a Hugging Face folder with safetensors.",
        discussion: """
            Tensors get their Hugging Face names back, and every asset of the bundle is written as it was. A model that \
            came from GGUF gets a config.json and the tokenizer's files, made of the GGUF's keys. Quantized \
            blocks have no safetensors type: choose a --dtype for them.

            EXAMPLE
              mmpack export safetensors smol.mmpack -o smol/
            """
    )

    @Argument(help: ArgumentHelp("The bundle.", valueName: "BUNDLE"))
    var bundle: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write.", valueName: "DIR"))
    var output: String

    @Option(help: "The type of the tensors; same keeps each as it is.")
    var dtype = Target.same

    @Flag(help: "Replace existing files.")
    var force = false

    @Flag(help: "Print a report as JSON (formats/schemas/export.json).")
    var json = false

    func run() throws {
        let line = ProgressLine()
        let job = ExportJob(
            bundlePath: bundle,
            folder: output,
            type: dtype.type,
            isReplacing: force,
            width: Process.processorCount
        )
        let report = try job.run { line.show($0) }
        line.clear()
        for note in report.notes { StandardError.note(note) }
        if json {
            try StandardOutput.write(json: report.json)
        } else {
            StandardError.note(
                "wrote \(report.tensorCount) tensors, \(ByteSize.text(report.byteCount)), to \(report.folder)"
            )
        }
    }
}
