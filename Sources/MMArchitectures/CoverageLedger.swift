package import MMBytes

/// What became of every tensor of a source, and where every tensor of the model comes from. A tensor that is missing,
/// or one that nothing claims, never gets here: it is an error.
package struct CoverageLedger: Sendable, Hashable {
    package var claimed: [Claim] = []
    package var derived: [Derivation] = []
    package var ignored: [Omission] = []

    /// A tensor that was taken over.
    package struct Claim: Sendable, Hashable {
        package let name: ByteString
        package let sourceName: ByteString
        package let operation: LayoutOperation?

        package init(name: ByteString, sourceName: ByteString, operation: LayoutOperation?) {
            self.name = name
            self.sourceName = sourceName
            self.operation = operation
        }

        /// The claim that a bundle's ledger holds; nil where it is none.
        package init?(_ json: JSONValue) {
            guard let name = json["name"]?.string, let sourceName = json["source"]?.string else { return nil }
            let operation = json["operation"]?.string
            self.init(name: name, sourceName: sourceName, operation: operation.flatMap(LayoutOperation.init))
            guard self.operation != nil || operation == nil else { return nil }
        }
    }

    /// A tensor of the model that the source does not hold because another takes its place.
    package struct Derivation: Sendable, Hashable {
        package let name: ByteString
        package let from: ByteString
        package let reason: String
    }

    /// A tensor of the source that is not carried over.
    package struct Omission: Sendable, Hashable {
        package let sourceName: ByteString
        package let reason: String
    }

    package var json: JSONValue {
        [
            "claimed": .array(claimed.map(\.json)),
            "derived": .array(derived.map(\.json)),
            "ignored": .array(ignored.map(\.json)),
        ]
    }
}

extension CoverageLedger.Claim {
    package var json: JSONValue {
        var members = [
            JSONMember(name: "name", value: .string(name)), JSONMember(name: "source", value: .string(sourceName)),
        ]
        if let operation { members.append(JSONMember(name: "operation", value: .text(operation.description))) }
        return .object(members)
    }
}

extension CoverageLedger.Derivation {
    package var json: JSONValue { ["name": .string(name), "from": .string(from), "reason": .text(reason)] }
}

extension CoverageLedger.Omission {
    package var json: JSONValue { ["source": .string(sourceName), "reason": .text(reason)] }
}
