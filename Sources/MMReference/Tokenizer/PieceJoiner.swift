/// Joins the matched and unmatched parts of a text, which come in order, into pieces.
struct PieceJoiner {
    private let behavior: PreTokenizer.SplitBehavior
    private var pending: Range<Int>?
    private var previousIsMatch = false

    init(behavior: PreTokenizer.SplitBehavior) {
        self.behavior = behavior
    }

    mutating func add(_ part: Range<Int>, isMatch: Bool, to segments: inout [SegmentedText.Segment]) {
        let joins =
            switch behavior {
            case .isolated: false
            case .removed: false
            case .mergedWithPrevious: isMatch && !previousIsMatch
            case .mergedWithNext: previousIsMatch && !isMatch
            case .contiguous: isMatch == previousIsMatch
            }
        if joins, let start = pending?.lowerBound {
            pending = start..<part.upperBound
        } else {
            finish(&segments)
            if behavior != .removed || !isMatch { pending = part }
        }
        previousIsMatch = isMatch
    }

    mutating func finish(_ segments: inout [SegmentedText.Segment]) {
        if let range = pending, !range.isEmpty { segments.append(.init(range: range, token: nil)) }
        pending = nil
    }
}
