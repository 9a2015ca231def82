internal import MMArchitectures
internal import MMArchives
internal import MMBundles
internal import MMBytes
internal import MMCodecs
internal import MMQuantization
internal import MMStorage
internal import MMTensors

/// Where a bundle comes from: what its manifest says of its sources, tools and recipe.
struct Provenance {
    /// "lossless", or the name of a quantization recipe.
    static let losslessRecipe = "lossless"

    let source: ModelSource
    let recipe: String
    let requantizedCount: Int
    /// SOURCE_DATE_EPOCH, the only clock that may enter a bundle (reproducible-builds.org).
    let sourceDateEpoch: Int?

    func json(digests: CheckpointDigests.Digests) -> JSONValue {
        var members: [JSONMember] = [
            member("tool", ["name": "mmpack", "version": .text(ToolVersion.text)]),
            member("libraries", ["zstd": .text(CodecLibraries.zstdVersion)]),
            member("recipe", ["name": .text(recipe), "requantized": .integer(requantizedCount)]),
            member("source", sourceJSON(digests)),
        ]
        if let bundle = source.bundle { members.append(member("parent", bundle.manifest.provenance)) }
        if let sourceDateEpoch { members.append(member("created", .integer(sourceDateEpoch))) }
        return .object(members)
    }

    /// The files are named as they would be without an archive around them; the archive comes beside them.
    private func sourceJSON(_ digests: CheckpointDigests.Digests) -> JSONValue {
        let files = zip(source.mapped.files, digests.files).map { file, digest -> JSONValue in
            ["name": .text(file.name), "nbytes": .integer(file.byteCount), "sha256": .text(digest.hexadecimal)]
        }
        var members = [
            member("format", .text(source.mapped.format)), member("files", .array(files)),
        ]
        if let archive = source.archive, let digest = digests.archive {
            let json: JSONValue = [
                "name": .text(FileSystem.name(of: archive.path)), "format": .text(archive.kind.rawValue),
                "nbytes": .integer(archive.file.byteCount), "sha256": .text(digest.hexadecimal),
            ]
            members.append(member("archive", json))
        }
        return .object(members)
    }

    private func member(_ name: ByteString, _ value: JSONValue) -> JSONMember {
        JSONMember(name: name, value: value)
    }

    /// The recipe's name that a bundle records; nil when its provenance is not mmpack's.
    static func recipe(of bundle: Bundle) -> String? {
        bundle.manifest.provenance["recipe"]?["name"]?.string?.string
    }
}
