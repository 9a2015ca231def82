internal import MMBytes
internal import MMTensors

extension ArchitectureDescription {
    /// Why a source is not of this architecture by what it calls itself; nil when it does.
    func typeRefusal(of configuration: ModelConfiguration) -> String? {
        switch configuration {
        case .huggingFace(let json):
            refusal(of: json["model_type"]?.string, called: "model_type", in: match.modelTypes)
        case .gguf(let json):
            projectorRefusal(of: json)
                ?? refusal(
                    of: json["general.architecture"]?.string,
                    called: "general.architecture",
                    in: match.ggufArchitectures
                )
        case .bundle(let json): refusal(of: json["architecture"]?.string, called: "architecture", in: [ByteString(id)])
        case .none: "the source does not say what model it is"
        }
    }

    /// Two files are a vision-language model of a projector that it knows; one file is none.
    private func projectorRefusal(of json: JSONValue) -> String? {
        guard let projector = json.ggufProjector else {
            return match.ggufProjectors.isEmpty ? nil : "there is no file of a projector"
        }
        return refusal(of: projector.ggufProjectorType, called: "projector_type", in: match.ggufProjectors)
    }

    /// Why a source that calls itself of this architecture is of another kind.
    func kindRefusal(of configuration: ModelConfiguration) -> String? {
        guard case .huggingFace(let json) = configuration else { return nil }
        let classes = json["architectures"]?.elements?.compactMap(\.string) ?? []
        if let stranger = classes.first(where: { !match.classes.contains($0) }) {
            return "its class is \(stranger)"
        }
        if let member = match.absent.first(where: { json[$0] != nil && json[$0] != .null }) {
            return "its config.json has a \(member)"
        }
        return nil
    }

    private func refusal(of found: ByteString?, called name: String, in allowed: [ByteString]) -> String? {
        guard let found else { return "the source has no \(name)" }
        return allowed.contains(found) ? nil : "its \(name) is \"\(found)\""
    }

    /// What the first condition that does not hold says; nil when all do.
    func violation(of conditions: [Condition], _ knobs: Knobs) throws(ArchitectureError) -> String? {
        for condition in conditions {
            do throws(ExpressionError) {
                guard try condition.holds.flag({ knobs[$0] }) else { return condition.otherwise }
            } catch {
                throw ArchitectureError(.expression(error), architecture: id, subject: "conditions")
            }
        }
        return nil
    }
}
