internal import MMStorage

/// The bytes of one compressed member.
struct MemberContent: UnpackedContent {
    let members: StreamedMembers
    let firstBlock: Int

    func read(at offset: Int, into destination: inout MutableRawSpan) throws(FileError) {
        try members.read(firstBlock: firstBlock, at: offset, into: &destination)
    }

    /// The blocks that hold `range`.
    func blocks(of range: Range<Int>) -> Range<Int> {
        guard !range.isEmpty else { return 0..<0 }
        let first = range.lowerBound / BlockStore.blockByteCount
        let last = (range.upperBound - 1) / BlockStore.blockByteCount
        return firstBlock + first..<firstBlock + last + 1
    }
}
