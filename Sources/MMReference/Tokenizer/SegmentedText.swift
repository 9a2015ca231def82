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

    /// Rewrites each segment of text; what comes out empty is dropped. `rewrite` appends UTF-8.
    mutating func rewriteText(_ rewrite: (Span<UInt8>, inout [UInt8]) -> Void) {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var result: [Segment] = []
        result.reserveCapacity(segments.count)
        for segment in segments {
            let start = output.count
            let source = bytes.span.extracting(segment.range)
            if segment.token == nil {
                rewrite(source, &output)
            } else {
                output += bytes[segment.range]
            }
            if output.count > start { result.append(Segment(range: start..<output.count, token: segment.token)) }
        }
        bytes = output
        segments = result
    }
}
