import Foundation
import MMPackKit

/// Damages of one small bundle, a file, and what the library says of each.
struct Campaign {
    private let bytes: [UInt8]
    private let contents: [[UInt8]]
    private let assetCount: Int
    private let path: String
    private var generator: SplitMix64

    init(_ original: String, seed: Int) throws {
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: original)))
        let model = try ModelBundle(path: original)
        contents = try model.tensors.map { tensor in
            try model.load(tensor).array
        }
        assetCount = model.assetNames.count
        path = NSTemporaryDirectory() + "/campaign-\(getpid()).mmpack"
        generator = SplitMix64(state: UInt64(seed))
    }

    private func place(_ damaged: [UInt8]) throws {
        try Data(damaged).write(to: URL(fileURLWithPath: path))
    }

    private enum Outcome { case refused, same, different }

    /// Whether the file is refused by `check`, or what it holds is what it held.
    private func outcome(_ check: (ModelBundle) throws -> Void) -> Outcome {
        do {
            let model = try ModelBundle(path: path)
            try check(model)
            guard model.tensors.count == contents.count else { return .different }
            for (tensor, content) in zip(model.tensors, contents) {
                if try model.load(tensor).array != content { return .different }
            }
            for name in model.assetNames { _ = try model.asset(named: name) }
            return .same
        } catch let error as ModelBundleError {
            return error.description.isEmpty ? .different : .refused
        } catch {
            return .different
        }
    }

    /// Bits flipped one at a time: all must be refused by verify; those in stored weights must be refused by loading
    /// alone.
    mutating func flips(count: Int) throws {
        defer { unlink(path) }
        var (verified, inWeights, loaded) = (0, 0, 0)
        let weights = storedWeights()
        for _ in 0..<count {
            // Every other one in the weights, which are most of a large bundle and little of a small one.
            let range = Bool.random(using: &generator) ? weights.randomElement(using: &generator) : nil
            let place = Int.random(in: range ?? 0..<bytes.count, using: &generator)
            var damaged = bytes
            damaged[place] ^= 1 << UInt8(generator.next() % 8)
            try self.place(damaged)
            if outcome({ try $0.verify(threadCount: 1) }) == .refused { verified += 1 }
            guard weights.contains(where: { $0.contains(place) }) else { continue }
            inWeights += 1
            if outcome({ _ in }) == .refused { loaded += 1 }
        }
        print(
            """
            {"flips": \(count), "found_by_verify": \(verified), "in_weights": \(inWeights), "found_on_load": \(loaded)}
            """
        )
        if verified != count || loaded != inWeights { exit(1) }
    }

    /// Where the chunks of tensors lie, by the specification: the rows of the chunk table before the assets'.
    private func storedWeights() -> [Range<Int>] {
        func little(_ offset: Int) -> Int { (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        let rows = little(40) - assetCount
        return (0..<rows).map { row in
            let start = little(little(32) + 72 * row)
            return start..<start + little(little(32) + 72 * row + 8)
        }
    }

    /// Every truncation, and so many mutations of one to three places.
    mutating func mutations(count: Int) throws {
        defer { unlink(path) }
        try place(bytes)
        var (refused, same, different) = (0, 0, 0)
        for length in (0..<bytes.count).reversed() {
            guard truncate(path, off_t(length)) == 0 else { throw Bundles.Misuse() }
            if outcome({ _ in }) == .refused { refused += 1 } else { different += 1 }
        }
        let truncations = refused
        refused = 0
        for _ in 0..<count {
            var mutated = bytes
            for _ in 0...Int.random(in: 0..<3, using: &generator) { mutate(&mutated) }
            try place(mutated)
            switch outcome({ try $0.verify(threadCount: 1) }) {
            case .refused: refused += 1
            case .same: same += 1
            case .different: different += 1
            }
        }
        print(
            """
            {"bundle_bytes": \(bytes.count), "truncations_refused": \(truncations), "mutations": \(count), \
            "refused": \(refused), "identical": \(same), "wrong": \(different)}
            """
        )
        if different > 0 || truncations != bytes.count { exit(1) }
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard bytes.count > 64 else { return }
        let isHead = Bool.random(using: &generator)
        let place = Int.random(in: 0..<(isHead ? min(128, bytes.count) : bytes.count), using: &generator)
        let count = min(bytes.count - place, Int.random(in: 1...40, using: &generator))
        switch generator.next() % 6 {
        case 0: bytes[place] ^= 1 << UInt8(generator.next() % 8)
        case 1: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        case 2: bytes.insert(contentsOf: bytes[place..<place + count], at: place)
        case 3: bytes.removeSubrange(place..<place + count)
        case 4: for index in place..<place + count { bytes[index] = generator.next() % 2 == 0 ? 0 : 0xFF }
        default:
            let other = Int.random(in: 0...bytes.count - count, using: &generator)
            let taken = Array(bytes[other..<other + count])
            bytes.replaceSubrange(place..<place + count, with: taken)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension ModelBytes {
    /// A copy of the bytes.
    var array: [UInt8] { bytes.withUnsafeBytes { Array($0) } }
}
