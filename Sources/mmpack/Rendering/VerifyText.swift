internal import MMBytes
internal import MMParity
internal import MMTensors
internal import MMToolchain

/// verify for people: a line a stage, what failed, and the worst tensors.
enum VerifyText {
    private static let worstShown = 5

    static func render(_ report: VerifyReport) -> String {
        var text = "\(ByteString(report.bundlePath)): recipe \(report.recipe), identity \(report.identity)\n"
        text += report.sourcePath.map { "against \(ByteString($0))\n" } ?? ""
        text += "limits: \(limits(report.limits))\n\n"
        text += stages(report)
        for stage in report.stages {
            for failure in stage.failures { text += "  \(stage.name.rawValue): \(failure)\n" }
        }
        text += answers(report) + worst(report)
        return text + (report.isPassed ? "\npassed\n" : "\nFAILED\n")
    }

    /// --self-test: each bundle's stages, and what was asked.
    static func render(_ report: SelfTestReport) -> String {
        var text = ""
        for step in report.steps {
            text += "mm1-nano, \(step.recipe)\n\n" + stages(step.report)
            for stage in step.report.stages {
                for failure in stage.failures { text += "  \(stage.name.rawValue): \(failure)\n" }
            }
            text += answers(step.report) + "\n"
        }
        var table = Table([("asked of the quantized bundle", .left), ("answer", .left), ("", .left)])
        for answer in report.answers {
            table.add([answer.question, answer.given, answer.isRight ? "right" : "wrong: \(answer.expected)"])
        }
        return text + table.text + (report.isPassed ? "\npassed\n" : "\nFAILED\n")
    }

    private static func limits(_ limits: VerifyLimits) -> String {
        if limits.behaviour.requiresExact { return "every tensor and every logit equal, bit for bit" }
        var parts: [String] = []
        if let divergence = limits.behaviour.maximumMeanDivergence { parts.append("mean KL at most \(divergence)") }
        if let agreement = limits.behaviour.minimumTopAgreement {
            parts.append("top-1 at least \(Decimal.text(agreement * 100, significantDigits: 3)) %")
        }
        if let error = limits.maximumRelativeError { parts.append("relative RMSE of a tensor at most \(error)") }
        if let departure = limits.maximumDeparture {
            parts.append("departure of an activation at most \(departure)")
        } else if let error = limits.maximumRelativeError {
            let first = Decimal.text(1.5 * error, significantDigits: 3)
            parts.append("departure of an activation behind n layers at most \(first) sqrt(1 + n / 8)")
        }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    private static func stages(_ report: VerifyReport) -> String {
        var table = Table([("stage", .left), ("verdict", .left), ("figures", .left)])
        for stage in report.stages { table.add([stage.name.rawValue, stage.verdict.rawValue, stage.summary]) }
        return table.text
    }

    /// Of a model that is asked about drawn pictures, the share of right answers by kind of question.
    private static func answers(_ report: VerifyReport) -> String {
        let stage = report.stages.first { $0.name == .answers }
        guard let kinds = stage?.figures["kinds"]?.elements, !kinds.isEmpty else { return "" }
        var table = Table([("right answers", .left), ("asked", .right), ("source", .right), ("bundle", .right)])
        for row in kinds {
            guard let asked = row["asked"]?.integer, asked > 0 else { continue }
            func share(_ side: ByteString) -> String {
                row[side]?.integer.map { Decimal.text(Double($0) * 100 / Double(asked), places: 1) + " %" } ?? ""
            }
            table.add([row["kind"]?.string?.description ?? "", "\(asked)", share("source"), share("bundle")])
        }
        return "\n" + table.text
    }

    /// The tensors that lost most, where any lost something.
    private static func worst(_ report: VerifyReport) -> String {
        let lossy = report.comparisons.filter { !$0.isExact }.prefix(worstShown)
        guard !lossy.isEmpty else { return "" }
        var table = Table([
            ("worst tensors", .left), ("from", .left), ("to", .left), ("relative RMSE", .right), ("max error", .right),
            ("cosine", .right),
        ])
        for comparison in lossy {
            let types = [comparison.baseType.rawValue, comparison.otherType.rawValue]
            let figures =
                comparison.error.map {
                    [
                        Decimal.text($0.relativeRMSE, significantDigits: 4),
                        Decimal.text($0.maximumError, significantDigits: 4), Decimal.text($0.cosine, places: 6),
                    ]
                } ?? ["", "", ""]
            table.add([comparison.name.description] + types + figures)
        }
        return "\n" + table.text
    }
}
