internal import MMArchitectures
internal import MMBytes
internal import MMReference
internal import MMTensors

/// The files of a Hugging Face folder that a checkpoint did not come with, made of what it says otherwise: config.json of
/// its knobs, and of a GGUF file's metadata the tokenizer's.
struct ExportedFiles {
    private(set) var assets: [Asset] = []
    private(set) var notes: [String] = []

    /// - Parameter types: of the exported tensors.
    init(_ source: ModelSource, types: [ElementType]) throws {
        let names = Set(try source.mapped.assets.map(\.name))
        if !names.contains("config.json") {
            let counts = Dictionary(grouping: types, by: \.self).mapValues(\.count)
            let usual = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key ?? .f32
            if let configuration = try source.mapped.huggingFaceConfiguration(type: usual) {
                add("config.json", configuration.serialized(.pretty) + [0x0A])
            }
        }
        guard !names.contains("tokenizer.json"),
            let metadata = try ModelTokenizer.metadata(in: try source.mapped.assets),
            metadata["tokenizer.ggml.model"] != nil
        else { return }
        do throws(TokenizerError) {
            let files = try TokenizerFiles(
                metadata: metadata,
                contextLength: source.mapped.model.decoder?.contextLength
            )
            add("tokenizer.json", files.tokenizer)
            add("tokenizer_config.json", files.configuration.serialized(.pretty) + [0x0A], unless: names)
            add("generation_config.json", files.generation.serialized(.pretty) + [0x0A], unless: names)
        } catch {
            notes.append("no tokenizer.json is written: \(error)")
        }
    }

    private mutating func add(_ name: String, _ bytes: [UInt8], unless names: Set<String> = []) {
        if !names.contains(name) { assets.append(Asset(name: name, bytes: bytes)) }
    }
}
