import MMStorage
import Synchronization
import Testing

@Suite struct ThreadTeamTests {
    @Test(arguments: [1, 2, 3, 7])
    func runsEveryPartOnce(threadCount: Int) {
        let team = ThreadTeam(threadCount: threadCount)
        for parts in [0, 1, 2, 5, 64, 1000] {
            let counts = Counts(parts)
            team.run(parts: parts) { part in counts.add(part) }
            #expect(counts.values == Array(repeating: 1, count: parts))
        }
    }

    @Test func manyShortRegionsInARowLoseNothing() {
        let team = ThreadTeam(threadCount: 3)
        let counts = Counts(4)
        for _ in 0..<20_000 { team.run(parts: 4) { part in counts.add(part) } }
        #expect(counts.values == [20_000, 20_000, 20_000, 20_000])
    }

    @Test func sleepingThreadsWakeAgain() async throws {
        let team = ThreadTeam(threadCount: 4)
        let counts = Counts(8)
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(2))
            team.run(parts: 8) { part in counts.add(part) }
        }
        #expect(counts.values == Array(repeating: 20, count: 8))
    }

    @Test func aMemberRunsOnePartAtATime() {
        let team = ThreadTeam(threadCount: 4)
        let inside = Counts(4)
        let overlaps = Atomic<Int>(0)
        for _ in 0..<200 {
            team.run(parts: 64) { _, member in
                if inside.add(member, 1) != 1 { overlaps.wrappingAdd(1, ordering: .relaxed) }
                inside.add(member, -1)
            }
        }
        #expect(overlaps.load(ordering: .relaxed) == 0)
    }

    @Test func aRegionInsideARegionIsDoneByItsCaller() {
        let team = ThreadTeam(threadCount: 2)
        let counts = Counts(6)
        team.run(parts: 2) { outer in
            team.run(parts: 3) { inner in counts.add(outer * 3 + inner) }
        }
        #expect(counts.values == [1, 1, 1, 1, 1, 1])
    }

    @Test func teamsComeAndGo() {
        for _ in 0..<100 {
            let team = ThreadTeam(threadCount: 3)
            let counts = Counts(3)
            team.run(parts: 3) { part in counts.add(part) }
            #expect(counts.values == [1, 1, 1])
        }
    }
}

/// Counters that several threads add to.
private final class Counts: Sendable {
    private let state: Mutex<[Int]>

    init(_ count: Int) {
        state = Mutex(Array(repeating: 0, count: count))
    }

    @discardableResult
    func add(_ index: Int, _ amount: Int = 1) -> Int {
        state.withLock {
            $0[index] += amount
            return $0[index]
        }
    }

    var values: [Int] { state.withLock { $0 } }
}
