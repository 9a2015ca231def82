// What an app does with a bundle: opens it, looks at the tensors, takes a pointer, reads the tokenizer.
import MMPackKit

@main struct Look {
    static func main() throws {
        let model = try ModelBundle(path: CommandLine.arguments[1])
        print("\(model.identity.prefix(16)): \(model.tensors.count) tensors")
        for tensor in model.tensors.prefix(3) {
            print("  \(tensor.name) \(tensor.type) \(tensor.shape), \(tensor.isCompact ? "compact" : "raw")")
        }

        // A raw tensor's pointer is into the mapped file; a compact one is decoded. Valid while `weights` is.
        guard let tensor = model.tensors.first(where: { $0.rowCount > 0 }) else { return }
        let weights = try model.load(tensor)
        print("\(tensor.name): \(weights.byteCount) bytes at a \(weights.isMapped ? "mapping" : "buffer")")
        withExtendedLifetime(weights) {
            let first = unsafe weights.pointer.loadUnaligned(as: UInt16.self)
            print("  begins with \(String(first, radix: 16))")
        }

        // The last row alone: of an embedding, the vector of the last token.
        let row = try model.load(tensor, rows: tensor.rowCount - 1..<tensor.rowCount)
        print("  the last of \(tensor.rowCount) rows has \(row.byteCount) bytes")

        if let tokenizer = try model.asset(named: "tokenizer.json") {
            print("tokenizer.json: \(tokenizer.count) bytes")
        }
    }
}
