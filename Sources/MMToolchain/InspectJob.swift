internal import MMArchitectures
internal import MMBundles
internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// inspect: what is in a checkpoint or bundle, from its headers alone unless digests or a tensor are asked for.
package struct InspectJob: Sendable {
    private let path: String
    private let withDigests: Bool
    private let tensorName: ByteString?
    private let width: Int

    package init(path: String, withDigests: Bool, tensorName: String?, width: Int) {
        self.path = path
        self.withDigests = withDigests
        self.tensorName = tensorName.map { ByteString($0) }
        self.width = width
    }

    package func run(progress: @escaping ProgressHandler) throws -> InspectReport {
        let source = try ModelSource.openUnmapped(path: path)
        let indices = try chosenIndices(source)
        let digests =
            withDigests
            ? try TensorDigests.compute(of: source, indices: indices, width: width, progress: progress)
                .map(\.hexadecimal) : nil
        let statistics = try tensorName == nil ? nil : indices.first.map { try TensorStatistics($0, of: source) } ?? nil
        let storages = try (source as? Bundle)?.storages()
        return InspectReport(
            path: path,
            format: source.format,
            metadata: source.metadata,
            rows: indices.enumerated().map { position, index in
                InspectReport.Row(
                    tensor: source.tensors[index],
                    sha256: digests?[position],
                    storage: storages?[index]
                )
            },
            statistics: statistics,
            model: modelText(source),
            refusals: try refusals(source)
        )
    }

    /// Those that the source does not call itself share a line; bundles and files that say nothing have none.
    private func refusals(_ source: any TensorSource) throws -> [String] {
        switch source.configuration {
        case .bundle, .none: return []
        case .huggingFace, .gguf: break
        }
        let matches = ArchitectureMatch.all(source, in: try ArchitectureCatalog.embedded())
        let others = matches.filter { $0.isOtherType && $0.refusal != nil }
        var lines = matches.filter { !$0.isOtherType }.compactMap { match in
            match.refusal.map { "not \(match.id): \($0)" }
        }
        if let refusal = others.first?.refusal {
            lines.append("none of \(others.map(\.id).joined(separator: ", ")): \(refusal)")
        }
        return lines
    }

    private func chosenIndices(_ source: any TensorSource) throws -> [Int] {
        guard let tensorName else { return Array(source.tensors.indices) }
        guard let index = source.tensors.firstIndex(where: { $0.name == tensorName }) else {
            throw ToolchainError(.noSuchTensor(tensorName, count: source.tensors.count), path: path)
        }
        return [index]
    }

    /// Which architecture the tensors make, in a sentence; what went wrong where they make none.
    private func modelText(_ source: any TensorSource) -> String {
        do {
            let model = try ModelSource(source, path: path).mapped.model
            guard let id = model.architectureID else { return model.reason ?? "" }
            let assumed = try model.assumptions()
            return "architecture \(id)"
                + (assumed.isEmpty ? "" : "; not published, so assumed: \(assumed.joined(separator: ", "))")
        } catch {
            return "\(error)"
        }
    }
}
