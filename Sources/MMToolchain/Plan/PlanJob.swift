internal import MMArchitectures
internal import MMBytes
package import MMQuantization
internal import MMTensors

/// plan: what a model weighs, quantized and packed, and where it runs, from headers or a configuration alone.
package struct PlanJob: Sendable {
    package enum Subject: Sendable, Hashable {
        /// A checkpoint, a bundle or a config.json; the projector's file beside a GGUF file of text.
        case source(path: String, projectorPath: String?)
        case preset(String)
    }

    package let subject: Subject
    /// Nil for those that differ most.
    package let recipe: QuantizationRecipe?
    /// Nil for the model's own, at most 4096.
    package let contextLength: Int?
    /// Nil for one where the model takes pictures.
    package let imageCount: Int?
    /// Nil for all.
    package let device: String?

    private static let usualContextLength = 4096
    private static let usualRecipes = ["q8", "q5", "q4"]

    package init(
        _ subject: Subject,
        recipe: QuantizationRecipe? = nil,
        contextLength: Int? = nil,
        imageCount: Int? = nil,
        device: String? = nil
    ) {
        self.subject = subject
        self.recipe = recipe
        self.contextLength = contextLength
        self.imageCount = imageCount
        self.device = device
    }

    /// - Throws: `ToolchainError` for a preset or a device that is not known; what opening the source throws; what the
    ///   recipe asked for cannot quantize.
    package func run() throws -> PlanReport {
        let subject =
            switch subject {
            case .preset(let name): try PlanSubject(preset: name)
            case .source(let path, let projectorPath): try PlanSubject(path: path, projectorPath: projectorPath)
            }
        let pictures = pictures(of: subject)
        let memory = subject.model.decoder.flatMap { decoder in
            PlanMemory(
                decoder,
                contextLength: contextLength ?? min(decoder.contextLength ?? .max, Self.usualContextLength),
                imageCount: imageCount ?? (subject.model.vision == nil ? 0 : 1),
                tokensPerImage: pictures.first?.tokenCount ?? 0
            )
        }
        return PlanReport(
            subject: subject.name,
            title: subject.title,
            architecture: subject.model.architectureID,
            assumed: subject.assumed,
            notes: subject.notes,
            parts: parts(of: subject),
            activeParameterCount: activeParameterCount(of: subject),
            recipes: try recipes(of: subject),
            pictures: pictures,
            memory: memory,
            devices: try PlanDevice.chosen(device)
        )
    }

    private func parts(of subject: PlanSubject) -> [PlanReport.Part] {
        let groups = Dictionary(grouping: zip(subject.tensors, subject.parts)) { $0.1 }
        return PlanPart.allCases.compactMap { part in
            groups[part].map { tensors in
                PlanReport.Part(
                    part: part,
                    tensorCount: tensors.count,
                    parameterCount: tensors.reduce(0) { $0.adding($1.0.shape.elementCount) ?? .max }
                )
            }
        }
    }

    /// Decoder and of the experts those that a token goes through. An embedding is looked up, not multiplied with, unless
    /// it is the head too.
    private func activeParameterCount(of subject: PlanSubject) -> Int? {
        guard let decoder = subject.model.decoder else { return nil }
        var count = 0
        for (index, tensor) in subject.tensors.enumerated() where subject.components[index] == .text {
            let elements = tensor.shape.elementCount
            switch subject.roles[index] {
            case .embed: count += decoder.isTied ? elements : 0
            case .experts:
                guard let experts = decoder.experts, experts.count > 0 else { return nil }
                count += elements / experts.count * experts.used
            default: count += elements
            }
        }
        return count
    }

    private func recipes(of subject: PlanSubject) throws -> [PlanRecipe] {
        let parts = subject.parts
        var plans = [PlanRecipe("lossless", subject.tensors, parts: parts)]
        if let recipe {
            plans.append(PlanRecipe(recipe.name, try subject.tensors(by: recipe), parts: parts))
        } else {
            for recipe in QuantizationRecipe.all where Self.usualRecipes.contains(recipe.name) {
                // A model that a recipe cannot quantize, such as a tower alone, is planned as it is.
                guard let tensors = try? subject.tensors(by: recipe) else { continue }
                plans.append(PlanRecipe(recipe.name, tensors, parts: parts))
            }
        }
        return plans
    }

    private func pictures(of subject: PlanSubject) -> [PictureGeometry] {
        guard let vision = subject.model.vision, let connector = subject.model.connector, vision.patch.side > 0 else {
            return []
        }
        var policies = subject.policies
        if policies.isEmpty, let side = vision.imageSide {
            policies = [ModelPreset.PicturePolicy(name: "native", side: side, tileCount: 1)]
        }
        return policies.compactMap { policy in
            let gridSide = policy.side / vision.patch.side
            guard let patches = gridSide.multiplied(by: gridSide)?.multiplied(by: policy.tileCount),
                let tokens = connector.tokenCount(
                    rows: gridSide,
                    columns: gridSide,
                    hasClassToken: vision.hasClassToken
                )?.multiplied(by: policy.tileCount)
            else { return nil }
            return PictureGeometry(
                policy: policy.name,
                side: policy.side,
                tileCount: policy.tileCount,
                gridSide: gridSide,
                patchCount: patches,
                tokenCount: tokens
            )
        }
    }
}
