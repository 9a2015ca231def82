internal import ArgumentParser
internal import MMToolchain

/// The root of the command line.
struct MMPackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mmpack",
        abstract:
            "Turns a language model's checkpoint into a bundle that can be shipped to a device and trusted there.",
        discussion: """
            A checkpoint is a .safetensors file, a Hugging Face folder, or a .gguf file (single or split); it may lie in a \
            .tar, .tar.gz, .tar.zst or .zip, which is read without unpacking it to a disk. Data goes to \
            standard output, everything else to standard error.

            Exit codes: 0 done, 1 verification failed, 64 usage, 65 bad data, 66 input missing, 70 internal error, \
            73 cannot create the output, 74 input/output error, 75 try again. A signal ends mmpack with 128 and its \
            number, a closed standard output with 141; neither leaves a temporary file.

            EXAMPLE
              mmpack convert SmolLM2/ -o smol.mmpack --verify
              mmpack quantize q4 SmolLM2/ -o smol-q4.mmpack
              mmpack verify smol-q4.mmpack --against SmolLM2/
            """,
        version: ToolVersion.text,
        subcommands: [
            ConvertCommand.self, QuantizeCommand.self, VerifyCommand.self, InspectCommand.self, PlanCommand.self,
            RunCommand.self, ExportCommand.self,
        ]
    )
}
