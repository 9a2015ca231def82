import MMStorage
import Testing

@Suite struct PageArenaTests {
    private func address(_ buffer: PageBuffer) -> UInt { UInt(bitPattern: buffer.pointer) }

    @Test func lendsABlockAgainWhereItFits() {
        let arena = PageArena()
        let first = address(arena.buffer(capacity: 100_000))
        #expect(address(arena.buffer(capacity: 60_000)) == first)
        // Half the block would be wasted.
        let small = arena.buffer(capacity: 20_000)
        #expect(small.capacity == 20_000)
    }

    @Test func neverHasMoreThanWasLentAtOnce() {
        let arena = PageArena()
        let first = address(arena.buffer(capacity: 100_000))
        // The idle block must go: both together would be more than ever was in use.
        let other = arena.buffer(capacity: 1_000_000)
        #expect(other.capacity == 1_000_000)
        let again = arena.buffer(capacity: 100_000)
        #expect(again.capacity == 100_000)
        _ = first
    }

    @Test func buffersOutliveTheirArena() {
        var arena: PageArena? = PageArena()
        let buffer = arena?.buffer(capacity: 5_000)
        arena = nil
        if let buffer {
            var bytes = buffer.mutableBytes(5_000)
            bytes.storeBytes(of: 7, toByteOffset: 4_999, as: UInt8.self)
            #expect(bytes.bytes.unsafeLoad(fromByteOffset: 4_999, as: UInt8.self) == 7)
        }
        #expect(buffer != nil)
    }
}
