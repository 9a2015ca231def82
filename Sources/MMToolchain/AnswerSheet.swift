internal import MMBytes
internal import MMParity
internal import MMReference

/// What two models say at the right answers to questions, by kind of question.
struct AnswerSheet {
    struct Row: Sendable, Hashable {
        var asked = 0
        /// Answered right from beginning to end, the end included: so would be said by a model that takes the likeliest
        /// token each time.
        var base = 0
        var other = 0
    }

    private(set) var rows: [SceneQuestion.Kind: Row] = [:]
    private(set) var positions: [PositionComparison] = []

    /// - Parameters:
    ///   - base, other: logits at each token of the answer.
    mutating func add(_ kind: SceneQuestion.Kind, base: [[Float]], other: [[Float]], answer: [UInt32]) {
        var row = rows[kind] ?? Row()
        row.asked += 1
        row.base += Self.isRight(base, answer) ? 1 : 0
        row.other += Self.isRight(other, answer) ? 1 : 0
        rows[kind] = row
        for (index, id) in answer.enumerated() where index < base.count && index < other.count {
            let (first, second) = (base[index], other[index])
            positions.append(PositionComparison(base: first.span, other: second.span, next: id))
        }
    }

    private static func isRight(_ logits: [[Float]], _ answer: [UInt32]) -> Bool {
        logits.count == answer.count
            && zip(logits, answer).allSatisfy { TokenSampler.indexOfMaximum($0.span) == Int($1) }
    }

    var askedCount: Int { rows.values.reduce(0) { $0 + $1.asked } }

    /// The mean over the kinds of the share that was answered right.
    func meanShare(_ side: KeyPath<Row, Int>) -> Double {
        guard !rows.isEmpty else { return 0 }
        let shares = rows.values.map { Double($0[keyPath: side]) / Double(max($0.asked, 1)) }
        return shares.reduce(0, +) / Double(rows.count)
    }

    func json(withBase: Bool) -> JSONValue {
        .array(
            SceneQuestion.Kind.allCases.compactMap { kind in
                rows[kind].map { row in
                    [
                        "kind": .text(kind.rawValue), "asked": .integer(row.asked),
                        "source": withBase ? .integer(row.base) : .null, "bundle": .integer(row.other),
                    ]
                }
            }
        )
    }
}
