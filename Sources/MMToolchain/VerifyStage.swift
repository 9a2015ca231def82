package import MMBytes

/// How one stage of verify ended.
package struct VerifyStage: Sendable, Hashable {
    package enum Name: String, Sendable, Hashable, CaseIterable {
        case integrity
        case coverage
        case tensors
        case behaviour
        /// Of models that were trained on the pictures that mmpack draws.
        case answers
    }

    package enum Verdict: String, Sendable, Hashable {
        case passed
        case failed
        /// There was nothing to do it with; the summary says what.
        case notRun = "not run"
    }

    package let name: Name
    package let verdict: Verdict
    /// The figures in a sentence.
    package let summary: String
    /// What exceeded which limit, each in a sentence.
    package let failures: [String]
    /// The figures as data.
    package let figures: JSONValue

    init(_ name: Name, summary: String, failures: [String] = [], figures: JSONValue = [:]) {
        self.name = name
        verdict = failures.isEmpty ? .passed : .failed
        self.summary = summary
        self.failures = failures
        self.figures = figures
    }

    init(_ name: Name, notRun reason: String, figures: JSONValue = [:]) {
        self.name = name
        verdict = .notRun
        summary = reason
        failures = []
        self.figures = figures
    }

    var json: JSONValue {
        [
            "stage": .text(name.rawValue), "verdict": .text(verdict.rawValue), "summary": .text(summary),
            "failures": .array(failures.map { .text($0) }), "figures": figures,
        ]
    }
}
