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
              mmpack inspect --architectures
            """
    )

    @Argument(help: ArgumentHelp("A checkpoint or bundle.", valueName: "PATH"))
    var path: String?

    @Flag(help: "Print JSON (formats/schemas/inspect.json).")
    var json = false

    @Flag(help: "Add the SHA-256 of every tensor's bytes; equal for the same tensor in every format.")
    var digests = false

    @Option(help: ArgumentHelp("Show one tensor, with statistics of its elements.", valueName: "NAME"))
    var tensor: String?

    @Flag(help: "List the architectures that mmpack knows instead (formats/schemas/architectures.json).")
    var architectures = false

    func validate() throws {
        guard architectures == (path == nil) else {
            throw ValidationError(
                architectures ? "--architectures goes without a path" : "Missing expected argument '<PATH>'"
            )
        }
    }

    func run() throws {
        guard let path else { return try list() }
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

    private func list() throws {
        let list = try ArchitectureList()
        guard !json else { return try StandardOutput.write(json: list.json) }
        var table = Table([("architecture", .left), ("status", .left), ("called", .left), ("", .left)])
        for row in list.rows { table.add([row.id, row.status, row.types, row.title]) }
        let assumed = list.rows.filter { !$0.assumed.isEmpty }.map { row in
            "\(row.id): not published, so assumed: \(row.assumed.joined(separator: ", "))\n"
        }
        try StandardOutput.write(table.text + (assumed.isEmpty ? "" : "\n" + assumed.joined()))
    }
}
