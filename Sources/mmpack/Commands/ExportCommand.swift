internal import ArgumentParser

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a bundle's model in another format, or the bundle into one archive.",
        subcommands: [ExportSafetensorsCommand.self, ExportTarCommand.self]
    )
}
