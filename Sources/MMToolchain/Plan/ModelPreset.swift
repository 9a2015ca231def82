internal import CFormats
internal import MMBytes
internal import MMTensors

/// A model that was published without weights: formats/presets/*.json, whose schema is formats/schemas/preset.json.
struct ModelPreset: Sendable {
    let id: String
    let title: String
    /// What the publication gives.
    let published: String
    /// Paths in the configuration that no publication gives.
    let assumed: [String]
    let configuration: JSONValue
    let pictures: [PicturePolicy]

    /// How pictures go through the encoder: so many tiles at most of so many pixels a side.
    struct PicturePolicy: Sendable, Hashable {
        let name: String
        let side: Int
        let tileCount: Int
    }

    /// Every preset, in the order of the table.
    ///
    /// Throws `ToolchainError.malformedTable` where an embedded file is broken, which the tests rule out.
    static func all() throws -> [ModelPreset] {
        try (0..<mmf_preset_count()).map { index in
            // The table lives as long as the program and says how long it is.
            let table = unsafe mmf_preset(index)
            let bytes = unsafe Array(UnsafeBufferPointer(start: table.pointer, count: table.count))
            guard let preset = ModelPreset(try JSONValue(parsing: bytes)) else {
                throw ToolchainError(.malformedTable, path: "preset \(index)")
            }
            return preset
        }
    }

    /// Throws `ToolchainError.unknownPreset` for a name that none has.
    static func named(_ name: String) throws -> ModelPreset {
        let all = try all()
        guard let preset = all.first(where: { $0.id == name.lowercased() }) else {
            throw ToolchainError(.unknownName(allowed: all.map(\.id)), path: name)
        }
        return preset
    }

    private init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let title = json["title"]?.string,
            let published = json["published"]?.string, let assumed = json["assumed"]?.elements,
            let configuration = json["config"], configuration.members != nil,
            let pictures = json["pictures"]?.elements
        else { return nil }
        self.id = id.string
        self.title = title.string
        self.published = published.string
        self.assumed = assumed.compactMap { $0.string?.string }
        self.configuration = configuration
        self.pictures = pictures.compactMap { picture in
            guard let name = picture["policy"]?.string, let side = picture["side"]?.integer,
                let tileCount = picture["tiles"]?.integer
            else { return nil }
            return PicturePolicy(name: name.string, side: side, tileCount: tileCount)
        }
    }
}
