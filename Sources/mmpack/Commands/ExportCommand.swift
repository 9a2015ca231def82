internal import ArgumentParser

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the model of a bundle in another format.",
        subcommands: [ExportSafetensorsCommand.self]
    )
}
