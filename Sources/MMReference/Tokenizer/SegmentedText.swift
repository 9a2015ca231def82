/// A text on its way to ids: its bytes, and the segments into which it has been cut so far.
struct SegmentedText {
    struct Segment {
        /// Byte offsets into the text.
        var range: Range<Int>
        /// The added token that the segment is; nil for text that is still to be encoded.
        var token: UInt32?
    }

    /// Valid UTF-8.
    private(set) var bytes: [UInt8]
    private(set) var segments: [Segment]
    /// Whether byte 0 is still where the text as given begins.
    private var beginsAtOrigin = true

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        segments = bytes.isEmpty ? [] : [Segment(range: 0..<bytes.count, token: nil)]
    }

    /// Cuts each segment of text. `cut` appends the parts of the range that it gets, and may leave some out.
    mutating func cutText<Failure: Error>(
        _ cut: (Span<UInt8>, Range<Int>, inout [Segment]) throws(Failure) -> Void
    ) throws(Failure) {
        var result: [Segment] = []
        result.reserveCapacity(segments.count)
        for segment in segments {
            if segment.token == nil {
                try cut(bytes.span, segment.range, &result)
            } else {
                result.append(segment)
            }
        }
        segments = result
    }

    /// Rewrites each segment of text; what comes out empty is dropped. `rewrite` appends UTF-8. It is told whether
    /// the segment begins where the text as given does, and says by the same argument whether it still does.
    mutating func rewriteText<Failure: Error>(
        _ rewrite: (Span<UInt8>, inout Bool, inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var result: [Segment] = []
        result.reserveCapacity(segments.count)
        var keepsOrigin = beginsAtOrigin
        for segment in segments {
            let start = output.count
            let source = bytes.span.extracting(segment.range)
            if segment.token == nil {
                let isFirst = segment.range.lowerBound == 0
                var isOrigin = keepsOrigin && isFirst
                try rewrite(source, &isOrigin, &output)
                if isFirst { keepsOrigin = isOrigin }
            } else {
                output.append(source)
            }
            if output.count == start, segment.range.lowerBound == 0 { keepsOrigin = false }
            if output.count > start { result.append(Segment(range: start..<output.count, token: segment.token)) }
        }
        beginsAtOrigin = keepsOrigin && segments.first?.range.lowerBound == 0
        bytes = output
        segments = result
    }
}
