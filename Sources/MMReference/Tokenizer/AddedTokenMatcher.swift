import MMBytes

/// Finds added tokens in text: the leftmost, and of those the longest, by a trie over bytes.
struct AddedTokenMatcher: Sendable {
    /// Longest content in bytes; bounds the work at each place of a text.
    static let contentLimit = 512
    /// Most bytes of all contents together; bounds the trie.
    static let byteLimit = 1 << 26

    private struct Node: Sendable {
        var byte: UInt8
        /// The index in `tokens` of the token that ends here, or -1.
        var token: Int32 = -1
        /// Indices in `nodes`, or -1.
        var firstChild: Int32 = -1
        var sibling: Int32 = -1
    }

    private let tokens: [AddedToken]
    private var nodes: [Node] = []
    /// For each first byte of a token its node, or -1.
    private var roots = [Int32](repeating: -1, count: 256)

    var isEmpty: Bool { tokens.isEmpty }

    /// Contents are distinct and have 1 to `contentLimit` bytes.
    init(_ tokens: [AddedToken]) {
        self.tokens = tokens
        for (index, token) in tokens.enumerated() { insert(token.content.bytes, index: Int32(index)) }
    }

    private mutating func insert(_ content: [UInt8], index: Int32) {
        var node: Int32 = -1
        for byte in content {
            var child = node < 0 ? roots[Int(byte)] : nodes[Int(node)].firstChild
            while child >= 0, nodes[Int(child)].byte != byte { child = nodes[Int(child)].sibling }
            if child < 0 {
                child = Int32(nodes.count)
                nodes.append(Node(byte: byte))
                if node < 0 {
                    roots[Int(byte)] = child
                } else {
                    nodes[Int(child)].sibling = nodes[Int(node)].firstChild
                    nodes[Int(node)].firstChild = child
                }
            }
            node = child
        }
        if node >= 0 { nodes[Int(node)].token = index }
    }

    /// The longest token that begins at `position`.
    private func token(in text: Span<UInt8>, at position: Int) -> AddedToken? {
        var node = roots[Int(text[position])]
        var found: Int32 = -1
        var next = position + 1
        while node >= 0 {
            let here = nodes[Int(node)]
            if here.token >= 0 { found = here.token }
            guard next < text.count else { break }
            node = here.firstChild
            while node >= 0, nodes[Int(node)].byte != text[next] { node = nodes[Int(node)].sibling }
            next += 1
        }
        return found < 0 ? nil : tokens[Int(found)]
    }

    /// Cuts the text at its added tokens; the rules are those of the `tokenizers` library's AddedVocabulary.
    ///
    /// A token that is passed over (a special one where those are not parsed, a single word inside a longer word)
    /// still hides the tokens that overlap it.
    func cut(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        parseSpecial: Bool,
        into segments: inout [SegmentedText.Segment]
    ) {
        let text = bytes.extracting(range)
        let base = range.lowerBound
        var done = 0
        var position = 0
        while position < text.count {
            guard roots[Int(text[position])] >= 0, let token = token(in: text, at: position) else {
                position += 1
                continue
            }
            var start = position
            var end = position + token.content.count
            position = end
            if token.isSpecial, !parseSpecial { continue }
            let isInWord = Self.isWord(before: start, in: text) || Self.isWord(after: end, in: text)
            if token.isSingleWord, isInWord { continue }
            if token.stripsLeft { start = Self.startOfSpace(before: start, in: text) }
            if token.stripsRight { end = Self.endOfSpace(after: end, in: text) }
            start = max(start, done)
            guard start < end else { continue }
            if done < start { segments.append(.init(range: base + done..<base + start, token: nil)) }
            segments.append(.init(range: base + start..<base + end, token: token.id))
            done = end
            position = max(position, end)
        }
        if done < text.count { segments.append(.init(range: base + done..<base + text.count, token: nil)) }
    }

    private static func isWord(before position: Int, in text: Span<UInt8>) -> Bool {
        position > 0 && isWord(after: text.positionBeforeScalar(at: position), in: text)
    }

    /// A word character as Rust's regular expressions have it: also the two joiners.
    private static func isWord(after position: Int, in text: Span<UInt8>) -> Bool {
        guard position < text.count else { return false }
        let scalar = text.scalar(at: position).value
        return ScalarTraits.bits(of: scalar) & ScalarTraits.word != 0 || scalar == 0x200C || scalar == 0x200D
    }

    private static func startOfSpace(before position: Int, in text: Span<UInt8>) -> Int {
        var start = position
        while start > 0 {
            let before = text.positionBeforeScalar(at: start)
            guard has(ScalarTraits.whitespace, at: before, in: text) else { break }
            start = before
        }
        return start
    }

    private static func endOfSpace(after position: Int, in text: Span<UInt8>) -> Int {
        var end = position
        while end < text.count, has(ScalarTraits.whitespace, at: end, in: text) {
            end = text.positionAfterScalar(at: end)
        }
        return end
    }

    private static func has(_ trait: UInt32, at position: Int, in text: Span<UInt8>) -> Bool {
        ScalarTraits.bits(of: text.scalar(at: position).value) & trait != 0
    }
}
