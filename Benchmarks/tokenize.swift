// Prints how long a tokenizer takes to encode and decode a text: see the script `tokenize` beside it.
import Foundation
import MMBytes
import MMReference

@main enum Tokenize {
    static func main() throws {
        let arguments = CommandLine.arguments
        let document = try JSONValue(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: arguments[1]))))
        let text = Array(try Data(contentsOf: URL(fileURLWithPath: arguments[2])))
        let clock = ContinuousClock()
        let start = clock.now
        let tokenizer =
            if let metadata = document["metadata"] {
                try Tokenizer(metadata: metadata)
            } else {
                try Tokenizer(tokenizerJSON: document)
            }
        let load = clock.now - start
        var ids: [UInt32] = []
        let encodings = try (0..<3).map { _ in
            try clock.measure { ids = try tokenizer.encode(text, addSpecialTokens: false, parseSpecial: false) }
        }
        var decoded: [UInt8] = []
        let decode = clock.measure { decoded = tokenizer.decode(ids) }
        let encode = encodings.min() ?? .zero
        print(
            "\(arguments[1]): load \(load), \(text.count) bytes to \(ids.count) ids in \(encode), back in \(decode)",
            decoded == text ? "(equal)" : "(normalized)"
        )
    }
}
