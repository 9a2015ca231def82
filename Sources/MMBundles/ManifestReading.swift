internal import MMBytes

/// The members of a manifest's outermost object: all as values, but for the tensors, which become what they describe one
/// at a time. As a JSON value their list would take ten times its text.
struct ManifestReading {
    private(set) var members: [JSONMember] = []
    /// Nil until the list was met.
    private(set) var tensors: [BundleTensor]?

    private static let tensorsName: ByteString = "tensors"

    /// Throws `ParseError` and `BundleError`.
    mutating func parse(_ text: [UInt8]) throws {
        var reader = try JSONReader(text.span, limits: BundleManifest.limits)
        try reader.beginObject()
        while let name = try reader.nextMember() {
            let isKnown = name == Self.tensorsName ? tensors != nil : members.contains { $0.name == name }
            guard !isKnown else { throw ParseError(.jsonDuplicateKey(name), offset: reader.nameOffset) }
            if name == Self.tensorsName {
                tensors = try Self.tensors(&reader)
            } else {
                guard members.count < Self.memberCountLimit else { throw BundleError(.unexpectedMember(name)) }
                members.append(JSONMember(name: name, value: try reader.value()))
            }
        }
        try reader.finish()
    }

    /// More than version 1 has; what is unknown among them is named by the caller.
    private static let memberCountLimit = 16

    private static func tensors(_ reader: inout JSONReader) throws -> [BundleTensor] {
        var names = NameSet()
        var tensors: [BundleTensor] = []
        try reader.beginArray()
        while try reader.nextElement() {
            let limit = BundleFormat.tensorCountLimit
            guard tensors.count < limit else {
                throw BundleError(.tooLarge(what: "number of tensors", found: tensors.count + 1, allowed: limit))
            }
            let tensor = try BundleTensor(parsing: try reader.value())
            guard names.insert(tensor.name) else { throw BundleError(.duplicateName, subject: tensor.name) }
            tensors.append(tensor)
        }
        return tensors
    }
}
