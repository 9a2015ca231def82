internal import ArgumentParser
internal import MMQuantization
internal import MMToolchain

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Tell what a model weighs and where it runs, without its weights.",
        discussion: """
            From headers alone: parameters and bytes by component and recipe, files of the bundle for each store, cache \
            and picture tokens at a context, weights that are active for a token, and which devices have the memory. \
            Nothing is written, and no weights are read.

            SOURCE is what convert takes, a bundle, or a config.json without weights. The presets are MM1, whose weights \
            were never released: mm1-3b, mm1-7b, mm1-30b, mm1-3b-moe, mm1-7b-moe. What no publication gives is listed as \
            assumed.

            Bytes are those of the weights in memory; the manifest and the files that travel along are small beside them. \
            The device profile stores plain floats compact: how well is known from the weights only, so its figure is \
            an estimate from trained models. The cache is f16. Needed memory is weights, cache and the pictures' \
            features; what an app needs beside them, and the encoder's activations, are not in it.

            EXAMPLE
              mmpack plan --preset mm1-3b
              mmpack plan --preset mm1-3b-moe --recipe q4 --device mac-64gb
              mmpack plan SmolLM2-135M-Instruct/ --context 8192
              mmpack plan model-Q4_K_M.gguf --json
            """
    )

    @Argument(help: ArgumentHelp("A checkpoint, a bundle or a config.json.", valueName: "SOURCE"))
    var source: String?

    @Option(help: ArgumentHelp("Instead: a model that was published without weights.", valueName: "NAME"))
    var preset: String?

    @Option(
        help: ArgumentHelp(
            "The .gguf file of vision tower and connector beside a .gguf file of text.",
            valueName: "MMPROJ.gguf"
        )
    )
    var mmproj: String?

    @Option(
        help: ArgumentHelp(
            "One recipe (see mmpack quantize --help), instead of q8, q5 and q4.",
            valueName: "RECIPE"
        )
    )
    var recipe: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Positions of the cache; without it the model's context, at most 4096.", valueName: "N")
    )
    var context: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Pictures in the context; 1 where the model takes them.", valueName: "N")
    )
    var images: Int?

    @Option(
        help: ArgumentHelp(
            "One device, such as iphone-8gb, android-12gb or mac-16gb, instead of all (formats/tables/devices.json).",
            valueName: "DEVICE"
        )
    )
    var device: String?

    @Flag(help: "Print JSON (formats/schemas/plan.json).")
    var json = false

    func validate() throws {
        guard (source == nil) != (preset == nil) else { throw ValidationError("give SOURCE or --preset NAME") }
        if mmproj != nil, source == nil { throw ValidationError("--mmproj goes with SOURCE") }
        if let context, !(1...1 << 30).contains(context) { throw ValidationError("--context takes 1 to 2^30") }
        if let images, !(0...1 << 20).contains(images) { throw ValidationError("--images takes 0 to 2^20") }
    }

    func run() throws {
        let job = PlanJob(
            source.map { .source(path: $0, projectorPath: mmproj) } ?? .preset(preset ?? ""),
            recipe: try recipe.map { try QuantizationRecipe.named($0) },
            contextLength: context,
            imageCount: images,
            device: device
        )
        let report = try job.run()
        try json ? StandardOutput.write(json: report.json) : StandardOutput.write(PlanText.render(report))
    }
}
