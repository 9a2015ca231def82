internal import ArgumentParser
internal import MMToolchain

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what is in a checkpoint or bundle, from its headers.",
        discussion: """
            EXAMPLE
              mmpack inspect model.gguf
              mmpack inspect model.mmpack --json --digests
              mmpack inspect SmolLM2/ --tensor model.norm.weight
            """
    )

    @Argument(help: ArgumentHelp("A checkpoint or bundle.", valueName: "PATH"))
    var path: String

    @Flag(help: "Print JSON (formats/schemas/inspect.json).")
    var json = false

    @Flag(help: "Add the SHA-256 of every tensor's bytes; equal for the same tensor in every format.")
    var digests = false

    @Option(help: ArgumentHelp("Show one tensor, with statistics of its elements.", valueName: "NAME"))
    var tensor: String?

    func run() throws {
        let line = ProgressLine()
        let job = InspectJob(path: path, withDigests: digests, tensorName: tensor, width: Process.processorCount)
        let report = try job.run { line.show($0) }
        line.clear()
        if json {
            try StandardOutput.write(json: report.json)
        } else {
            try StandardOutput.write(InspectText.render(report))
        }
    }
}
