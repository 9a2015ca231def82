import MMBytes
import MMTestSupport

/// What transformers says of SmolLM2 on a fixed text.
struct RealReference {
    let ids: [UInt32]
    /// The likeliest next id at every position.
    let likeliest: [Int]
    /// The largest logits at a few positions: id and logit.
    let top: [Int: [(Int, Float)]]

    init() throws {
        let json = try JSONValue(parsing: Fixture.bytes("reference/smollm2.json"))
        ids = Self.integers(json["ids"]).map { UInt32($0) }
        likeliest = Self.integers(json["argmax"])
        let entries = (json["top"]?.elements ?? []).map { entry in
            let logits = (entry["logits"]?.elements ?? []).compactMap(\.double).map { Float($0) }
            return (entry["position"]?.integer ?? -1, Array(zip(Self.integers(entry["ids"]), logits)))
        }
        top = Dictionary(uniqueKeysWithValues: entries)
    }

    private static func integers(_ value: JSONValue?) -> [Int] {
        (value?.elements ?? []).compactMap(\.integer)
    }
}
