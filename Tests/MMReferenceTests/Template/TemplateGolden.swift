import MMBytes
import MMReference
import MMTestSupport

/// What transformers renders, made by fixtures/templates/make.py.
struct TemplateGolden {
    enum Outcome: Equatable {
        case text(ByteString)
        case raised(ByteString)
        /// Python's exception.
        case failed(String)
    }

    static let names = Fixture.entries(of: "templates", suffix: ".jinja").map { name in
        String(name.dropFirst("templates/".count).dropLast(".jinja".count))
    }

    static func json(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: Fixture.bytes("templates/\(name).json"))
    }

    static func rows(_ document: JSONValue, _ key: ByteString) -> [JSONValue] { document[key]?.elements ?? [] }

    static func outcome(_ row: JSONValue) -> Outcome {
        if let text = row["text"]?.string { return .text(text) }
        if let message = row["raised"] {
            return .raised(message.string ?? ByteString(message.serialized()))
        }
        return .failed(row["error"]?.string?.string ?? "")
    }

    /// What mmpack makes of it; every refusal but the template's own is `.failed` with its description.
    static func rendered(_ source: [UInt8], _ variables: JSONValue, seconds: Int?) -> Outcome {
        do {
            return .text(ByteString(try ChatTemplate(source: source).render(variables, secondsSince1970: seconds)))
        } catch {
            if case .raised(let message) = error.reason { return .raised(message) }
            return .failed(error.description)
        }
    }

    static func agrees(_ found: Outcome, _ golden: Outcome) -> Bool {
        if case .failed = found, case .failed = golden { true } else { found == golden }
    }
}
