import CFormats
import MMBytes

/// formats/tables/pre-tokenizers.json: what the names in GGUF files stand for.
struct PreTokenizerTable: Sendable {
    struct Family: Sendable {
        let names: [ByteString]
        let splits: [ByteString]
        let ignoresMerges: Bool
        let addsBeginning: Bool
    }

    private struct End: Sendable {
        let token: ByteString
        /// Tokens beside which this one does not end generation.
        let unless: Set<ByteString>
    }

    let families: [Family]
    private let ends: [End]

    /// The table that the program was built with.
    static func embedded() throws(TokenizerError) -> PreTokenizerTable { try parsed.get() }

    private static let parsed: Result<PreTokenizerTable, TokenizerError> = {
        let table = unsafe mmf_pre_tokenizers()
        // The bytes are a constant of the program, `count` long.
        let bytes = unsafe Array(UnsafeBufferPointer(start: table.pointer, count: table.count))
        do {
            let value = try JSONValue(parsing: bytes)
            return .success(try PreTokenizerTable(DescriptionNode(value: value, path: "pre-tokenizers.json")))
        } catch let error as TokenizerError {
            return .failure(error)
        } catch {
            return .failure(TokenizerError(.wrongType(expected: "JSON"), at: "pre-tokenizers.json"))
        }
    }()

    private init(_ node: DescriptionNode) throws(TokenizerError) {
        var families: [Family] = []
        for family in try node.required("families", "a list").elements() {
            families.append(
                Family(
                    names: try Self.strings(try family.required("names", "a list")),
                    splits: try Self.strings(try family.required("splits", "a list")),
                    ignoresMerges: try family.flag("ignore_merges", standard: false),
                    addsBeginning: try family.flag("add_bos", standard: false)
                )
            )
        }
        self.families = families
        var ends: [End] = []
        for end in try node.required("end_of_generation", "a list").elements() {
            let unless = try end.member("unless").map { node throws(TokenizerError) in try Self.strings(node) } ?? []
            ends.append(End(token: try end.required("token", "a token").string(), unless: Set(unless)))
        }
        self.ends = ends
    }

    private static func strings(_ node: DescriptionNode) throws(TokenizerError) -> [ByteString] {
        var strings: [ByteString] = []
        for element in try node.elements() { strings.append(try element.string()) }
        return strings
    }

    func family(named name: ByteString, at place: String) throws(TokenizerError) -> Family {
        guard let family = families.first(where: { $0.names.contains(name) }) else {
            throw TokenizerError(.unknownPreTokenizer(name, known: families.flatMap(\.names).sorted()), at: place)
        }
        return family
    }

    /// The added tokens at which generation stops, going by their text.
    func endOfGenerationIDs(of tokens: [AddedToken]) -> [UInt32] {
        let contents = Set(tokens.map(\.content))
        let ending = Set(ends.filter { contents.isDisjoint(with: $0.unless) }.map(\.token))
        return tokens.filter { ending.contains($0.content) }.map(\.id)
    }
}
