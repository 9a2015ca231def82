/// The pieces of a vocabulary by their bytes: finds all that begin at a place of a text.
struct PieceTrie: Sendable {
    private struct Node: Sendable {
        var byte: UInt8
        var childCount: UInt16 = 0
        var firstChild: UInt32 = 0
        /// The piece that ends here, or `none`.
        var piece: UInt32
    }

    static let none = UInt32.max

    /// Breadth first; the children of a node follow each other in the order of their bytes.
    private var nodes: [Node] = []
    /// The node of each first byte, or `none`.
    private var roots = [UInt32](repeating: none, count: 256)

    /// `pieces` are ids of distinct tokens of the vocabulary; empty ones are passed over.
    init(_ vocabulary: Vocabulary, pieces: [UInt32]) {
        let tokens = vocabulary.tokens
        let sorted = pieces.filter { !tokens[Int($0)].isEmpty }.sorted {
            tokens[Int($0)].lexicographicallyPrecedes(tokens[Int($1)])
        }
        /// For each node the range of `sorted` below it, and its depth.
        var work: [(range: Range<Int>, depth: Int)] = []
        func appendChildren(of range: Range<Int>, depth: Int) {
            var start = range.lowerBound
            while start < range.upperBound {
                let first = tokens[Int(sorted[start])]
                let byte = first[first.startIndex + depth]
                var end = start + 1
                while end < range.upperBound {
                    let token = tokens[Int(sorted[end])]
                    guard token[token.startIndex + depth] == byte else { break }
                    end += 1
                }
                let isPiece = first.count == depth + 1
                nodes.append(Node(byte: byte, piece: isPiece ? sorted[start] : Self.none))
                work.append((start + (isPiece ? 1 : 0)..<end, depth + 1))
                start = end
            }
        }
        appendChildren(of: 0..<sorted.count, depth: 0)
        for (index, node) in nodes.enumerated() { roots[Int(node.byte)] = UInt32(truncatingIfNeeded: index) }
        var index = 0
        while index < nodes.count {
            let firstChild = nodes.count
            appendChildren(of: work[index].range, depth: work[index].depth)
            nodes[index].firstChild = UInt32(truncatingIfNeeded: firstChild)
            nodes[index].childCount = UInt16(truncatingIfNeeded: nodes.count - firstChild)
            index += 1
        }
    }

    /// Shows each piece that begins at `position`, the shortest first, and where it ends.
    func forEachPiece(in text: Span<UInt8>, at position: Int, _ body: (UInt32, Int) -> Void) {
        guard position < text.count else { return }
        var node = roots[Int(text[position])]
        var end = position + 1
        while node != Self.none {
            let piece = nodes[Int(node)].piece
            if piece != Self.none { body(piece, end) }
            guard end < text.count else { return }
            node = child(of: nodes[Int(node)], text[end])
            end += 1
        }
    }

    private func child(of node: Node, _ byte: UInt8) -> UInt32 {
        var low = Int(node.firstChild)
        var high = low + Int(node.childCount)
        while low < high {
            let middle = (low + high) / 2
            let found = nodes[middle].byte
            if found == byte { return UInt32(truncatingIfNeeded: middle) }
            if found < byte { low = middle + 1 } else { high = middle }
        }
        return Self.none
    }
}
