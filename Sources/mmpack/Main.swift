internal import ArgumentParser
internal import MMBytes

@main
enum Main {
    static func main() {
        Process.occupyStandardDescriptors()
        Interruption.removeTemporariesOnSignals()
        do {
            var command = try MMPackCommand.parseAsRoot()
            try command.run()
        } catch let error as any DiagnosedError {
            StandardError.write("mmpack: error: \(error)\n")
            Process.exit(ExitStatus(error.category))
        } catch {
            MMPackCommand.exit(withError: error)
        }
    }
}
