package import MMBytes

/// What two GGUF files say of one model: the keys of the text file, and those of the file of vision tower and connector
/// as an object under a name of its own, which is no key because no value of GGUF is an object.
extension JSONValue {
    package static let ggufProjectorName: ByteString = "mmproj"

    /// The keys of both files.
    package static func gguf(text: JSONValue, projector: JSONValue) -> JSONValue {
        let members = (text.members ?? []).filter { $0.name != ggufProjectorName }
        return .object(members + [JSONMember(name: ggufProjectorName, value: projector)])
    }

    /// The keys of the file of vision tower and connector, where there are two files.
    package var ggufProjector: JSONValue? { self[Self.ggufProjectorName].flatMap { $0.members == nil ? nil : $0 } }

    /// The keys of the text file.
    package var ggufText: JSONValue {
        guard let members, ggufProjector != nil else { return self }
        return .object(members.filter { $0.name != Self.ggufProjectorName })
    }

    /// Of the keys of a file of vision tower and connector: what kind of connector it is (clip-impl.h of llama.cpp).
    package var ggufProjectorType: ByteString? {
        (self["clip.vision.projector_type"] ?? self["clip.projector_type"])?.string
    }
}
