internal import MMBytes
internal import MMStorage
internal import MMTensors

/// Refuses content that no bundle can hold, before anything is written.
struct ContentCheck {
    private let content: BundleContent

    init(_ content: BundleContent) {
        self.content = content
    }

    /// Throws `BundleError`.
    func check() throws(BundleError) {
        let count = content.source.tensors.count
        try expect("roles", content.roles.count, count)
        try expect("components", content.components.count, count)
        try expect("source names", content.sourceNames.count, count)
        try limit("number of tensors", count, BundleFormat.tensorCountLimit)
        try checkTensors()
        try checkAssets()
        for (name, value) in [("model", content.model), ("ledger", content.ledger)] where value.members == nil {
            throw BundleError(.wrongMember("manifest.\(name)", expected: "an object"))
        }
    }

    private func checkTensors() throws(BundleError) {
        var names = NameSet()
        for (index, tensor) in content.source.tensors.enumerated() {
            for name in [tensor.name, content.sourceNames[index]] {
                guard (1...BundleFormat.nameByteCountLimit).contains(name.count), name.isValidUTF8 else {
                    throw BundleError(.badName, subject: name)
                }
            }
            guard names.insert(tensor.name) else { throw BundleError(.duplicateName, subject: tensor.name) }
            for text in [content.roles[index], content.components[index]] {
                guard (1...BundleFormat.nameByteCountLimit).contains(text.utf8.count) else {
                    throw BundleError(.wrongMember("role or component", expected: "a string"), subject: tensor.name)
                }
            }
        }
    }

    private func checkAssets() throws(BundleError) {
        try limit("number of assets", content.assets.count, BundleFormat.assetCountLimit)
        var names: Set<ByteString> = []
        var byteCount = 0
        for asset in content.assets {
            let name = ByteString(asset.name)
            guard AnchoredDirectory.isPlainName(name) else { throw BundleError(.badName, subject: name) }
            guard names.insert(name).inserted else { throw BundleError(.duplicateName, subject: name) }
            // Arrays are in memory: their lengths add up.
            byteCount += asset.bytes.count
        }
        try limit("length of all assets", byteCount, BundleFormat.assetByteCountLimit)
    }

    private func expect(_ what: String, _ found: Int, _ expected: Int) throws(BundleError) {
        guard found == expected else { throw BundleError(.wrongContentCount(what, found: found, expected: expected)) }
    }

    private func limit(_ what: String, _ found: Int, _ allowed: Int) throws(BundleError) {
        guard found <= allowed else { throw BundleError(.tooLarge(what: what, found: found, allowed: allowed)) }
    }
}
