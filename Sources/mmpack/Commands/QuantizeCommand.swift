internal import ArgumentParser
internal import MMQuantization

struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Quantize a checkpoint into a bundle, in one step and without an intermediate file.",
        discussion: """
            RECIPE is q8, q5 or q4: linear and expert matrices in about that many bits by a searched scale, embedding and \
            head at 8 bits, norms, biases, routers and vision as they are. Or a block type, q8_0 q5_1 q5_0 q4_1 q4_0: \
            all matrices in GGML's reference arithmetic, bit for bit.

            A tensor that has the wanted type already (for q4 and q5: any type of that width) is copied. SOURCE is what \
            convert takes.

            EXAMPLE
              mmpack quantize q4 SmolLM2-135M-Instruct/ -o smol-q4.mmpack --verify
            """
    )

    @Argument(help: ArgumentHelp("q8, q5, q4, q8_0, q5_1, q5_0, q4_1 or q4_0.", valueName: "RECIPE"))
    var recipe: String

    @Argument(help: ArgumentHelp("The checkpoint.", valueName: "SOURCE"))
    var source: String

    @OptionGroup
    var arguments: WriteArguments

    func run() throws {
        try arguments.run(source: source, recipe: try QuantizationRecipe.named(recipe))
    }
}
