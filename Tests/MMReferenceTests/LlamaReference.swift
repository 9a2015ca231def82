import MMBytes
import MMTestSupport

/// What llama.cpp says of a real model on fixtures/reference/text.txt (fixtures/reference/make_llama.py).
struct LlamaReference {
    let ids: [UInt32]
    /// Natural logarithms, of each id but the first.
    let losses: [Double]

    init(_ name: String) throws {
        let json = try JSONValue(parsing: Fixture.bytes("reference/\(name)"))
        ids = (json["ids"]?.elements ?? []).compactMap(\.integer).map { UInt32($0) }
        losses = (json["negative_log_likelihood"]?.elements ?? []).compactMap(\.double)
    }
}
