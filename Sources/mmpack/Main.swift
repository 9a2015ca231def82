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
        } catch  where MMPackCommand.exitCode(for: error) == .validationFailure {
            StandardError.write("mmpack: error: \(MMPackCommand.message(for: error)); see mmpack --help\n")
            Process.exit(.usage)
        } catch {
            MMPackCommand.exit(withError: error)
        }
    }
}
