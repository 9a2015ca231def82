/// Gives words their ids, one by one; keeps its memory from word to word.
protocol WordEncoder {
    mutating func append(_ word: Span<UInt8>, to ids: inout [UInt32])
}

extension WordEncoder {
    /// Longer words are not remembered.
    private static var cachedWordLimit: Int { 64 }

    /// Appends the ids of each word of `text`. A word with a token is that token; a word that was seen before in the
    /// text is not encoded again.
    mutating func appendIDs(of text: SegmentedText, cutter: WordCutter?, to ids: inout [UInt32]) {
        let bytes = text.bytes.span
        var cache = WordCache(byteCount: bytes.count)
        for segment in text.segments {
            if let token = segment.token {
                ids.append(token)
                continue
            }
            guard let cutter else {
                append(segment.range, of: bytes, cache: &cache, to: &ids)
                continue
            }
            var start = segment.range.lowerBound
            while start < segment.range.upperBound {
                let end = cutter.end(ofWordAt: start, in: bytes, before: segment.range.upperBound)
                append(start..<end, of: bytes, cache: &cache, to: &ids)
                start = end
            }
        }
    }

    private mutating func append(
        _ range: Range<Int>,
        of bytes: Span<UInt8>,
        cache: inout WordCache,
        to ids: inout [UInt32]
    ) {
        let word = bytes.extracting(range)
        guard word.count <= Self.cachedWordLimit else {
            append(word, to: &ids)
            return
        }
        let slot = cache.slot(of: word)
        if let known = cache.entry(slot, word: word, in: bytes) {
            for index in known { ids.append(ids[index]) }
            return
        }
        let start = ids.count
        append(word, to: &ids)
        cache.remember(slot, word: range, ids: start..<ids.count)
    }
}
