// Figures of bundles through the library, as an app has them. The script `run` beside the package calls it.
//
//   Bundles open BUNDLE ROUNDS          opening, and opening with a first raw tensor; one line of JSON
//   Bundles load BUNDLE WAY             the whole model into memory: fresh, recycled, lent, lazy, pieces
//   Bundles read FILE                   a file into fresh memory, the same way, for comparison
//   Bundles flips BUNDLE COUNT SEED     single flipped bits: found by verify, and on load before use
//   Bundles campaign BUNDLE COUNT SEED  every truncation and COUNT mutations: refused, or read back identical
import Foundation
import MMPackKit

@main struct Bundles {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "open": try open(arguments[1], rounds: number(arguments[2]))
        case "load": try load(arguments[1], way: arguments[2])
        case "read": try read(arguments[1])
        case "flips":
            var campaign = try Campaign(arguments[1], seed: number(arguments[3]))
            try campaign.flips(count: number(arguments[2]))
        case "campaign":
            var campaign = try Campaign(arguments[1], seed: number(arguments[3]))
            try campaign.mutations(count: number(arguments[2]))
        default: throw Misuse()
        }
    }

    struct Misuse: Error {}

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text) else { throw Misuse() }
        return number
    }

    private static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        return try clock.measure(body) / .milliseconds(1)
    }

    private static func open(_ path: String, rounds: Int) throws {
        var opening: [Double] = []
        var first: [Double] = []
        var access = ModelAccess()
        access.isChecking = false
        for _ in 0..<rounds {
            opening.append(try milliseconds { _ = try ModelBundle(path: path) })
            first.append(
                try milliseconds {
                    let model = try ModelBundle(path: path, access: access)
                    guard let tensor = model.tensors.first(where: { !$0.isCompact }) else { throw Misuse() }
                    let bytes = try model.load(tensor)
                    guard bytes.isMapped else { throw Misuse() }
                }
            )
        }
        let count = try ModelBundle(path: path).tensors.count
        opening.sort()
        first.sort()
        print(
            """
            {"tensors": \(count), "open_ms": {"best": \(opening[0]), "median": \(opening[rounds / 2])}, \
            "first_raw_tensor_ms": {"best": \(first[0]), "median": \(first[rounds / 2])}}
            """
        )
    }

    /// Adds up a byte of every page, so that what is lent or lazy is there too.
    private static func touch(_ bytes: borrowing RawSpan) -> Int {
        bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4096).reduce(0) { $0 &+ Int(bytes[$1]) }
        }
    }

    private static func load(_ path: String, way: String) throws {
        var access = ModelAccess()
        access.isLazy = way == "lazy"
        access.isRecycling = way == "recycled"
        var sum = 0
        var byteCount = 0
        let time = try milliseconds {
            let model = try ModelBundle(path: path, access: access)
            var kept: [ModelBytes] = []
            for tensor in model.tensors {
                byteCount += tensor.byteCount
                guard way != "pieces" else {
                    try model.forEachPiece(of: tensor) { sum &+= touch($1) }
                    continue
                }
                let bytes = try model.load(tensor)
                sum &+= touch(bytes.bytes)
                // Let go of at once, as layer after layer is, or kept, as a model is that runs.
                if way != "recycled" { kept.append(bytes) }
            }
        }
        print("{\"way\": \"\(way)\", \"bytes\": \(byteCount), \"ms\": \(time), \"sum\": \(sum)}")
    }

    private static func read(_ path: String) throws {
        var byteCount = 0
        var sum = 0
        let time = try milliseconds {
            let descriptor = Foundation.open(path, O_RDONLY)
            guard descriptor >= 0 else { throw Misuse() }
            defer { close(descriptor) }
            byteCount = Int(lseek(descriptor, 0, SEEK_END))
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16384)
            defer { memory.deallocate() }
            let slice = 1 << 20
            nonisolated(unsafe) let shared = memory
            let count = byteCount
            DispatchQueue.concurrentPerform(iterations: (byteCount + slice - 1) / slice) { index in
                var start = index * slice
                let end = min(count, start + slice)
                while start < end {
                    guard let base = shared.baseAddress else { return }
                    let got = pread(descriptor, base + start, end - start, off_t(start))
                    guard got > 0 else { return }
                    start += got
                }
            }
            sum = touch(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(memory)))
        }
        print("{\"way\": \"read\", \"bytes\": \(byteCount), \"ms\": \(time), \"sum\": \(sum)}")
    }
}
