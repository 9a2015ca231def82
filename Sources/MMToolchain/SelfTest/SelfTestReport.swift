package import MMBytes

/// What the program found of itself.
package struct SelfTestReport: Sendable {
    /// A bundle of the embedded model, verified.
    package struct Step: Sendable {
        package let recipe: String
        package let report: VerifyReport
    }

    /// What the quantized bundle said about a picture.
    package struct Answer: Sendable, Hashable {
        package let question: String
        package let expected: String
        package let given: String

        package var isRight: Bool { expected == given }
    }

    package let steps: [Step]
    package let answers: [Answer]

    package var isPassed: Bool { steps.allSatisfy(\.report.isPassed) && answers.allSatisfy(\.isRight) }

    /// Schema: formats/schemas/self-test.json.
    package var json: JSONValue {
        [
            "passed": .bool(isPassed),
            "steps": .array(steps.map { ["recipe": .text($0.recipe), "report": $0.report.json] }),
            "answers": .array(
                answers.map {
                    [
                        "question": .text($0.question), "expected": .text($0.expected), "given": .text($0.given),
                        "right": .bool($0.isRight),
                    ]
                }
            ),
        ]
    }
}
