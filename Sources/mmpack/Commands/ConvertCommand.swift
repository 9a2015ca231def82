internal import ArgumentParser

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a checkpoint to a bundle without losing a bit.",
        discussion: """
            SOURCE is a .safetensors file, a Hugging Face folder (with model.safetensors.index.json or without), a .gguf \
            file (any part of a split set), a bundle, or a .tar, .tar.gz, .tar.zst or .zip of one. A .gguf of text and its \
            mmproj may lie in one archive together. --mmproj adds the vision tower and connector of a .gguf. A \
            checkpoint of an unknown architecture converts too; it cannot be verified by running it.

            EXAMPLE
              mmpack convert SmolLM2-135M-Instruct/ -o smol.mmpack --verify
              mmpack convert model-Q4_1.gguf -o model.mmpack --profile raw
              mmpack convert SmolLM2.tar.zst -o smol.mmpack
              mmpack convert smolvlm.gguf --mmproj mmproj-smolvlm.gguf -o smolvlm.mmpack
            """
    )

    @Argument(help: ArgumentHelp("The checkpoint.", valueName: "SOURCE"))
    var source: String

    @OptionGroup
    var arguments: WriteArguments

    func run() throws {
        try arguments.run(source: source, recipe: nil)
    }
}
