/// Many byte strings in one allocation, numbered from 0.
struct ByteArena: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    var count: Int { ends.count }

    mutating func append(_ string: [UInt8]) {
        bytes += string
        ends.append(bytes.count)
    }

    /// The bytes of string `index`.
    subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    func equals(_ index: Int, _ other: Span<UInt8>) -> Bool {
        let start = index == 0 ? 0 : ends[index - 1]
        guard ends[index] - start == other.count else { return false }
        let own = bytes.span
        for position in 0..<other.count where own[start + position] != other[position] { return false }
        return true
    }
}
