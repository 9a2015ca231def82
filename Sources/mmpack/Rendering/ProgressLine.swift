internal import MMBytes
internal import MMToolchain
internal import Synchronization

/// One line on a terminal that says what is done, how fast, and how long it will take; silent anywhere else.
final class ProgressLine: Sendable {
    private struct State {
        var stage = ""
        var stageStart = 0.0
        var lastDrawn = -1.0
    }

    /// Takes what is on a terminal's line away.
    static let erasure = "\r\u{1B}[K"

    private let isShown: Bool
    private let isColoured: Bool
    private let state = Mutex(State())

    init() {
        isShown =
            Process.standardErrorIsTerminal && Process.environment("CI") == nil
            && Process.environment("TERM") != "dumb"
        isColoured = Process.environment("NO_COLOR").map(\.isEmpty) ?? true
    }

    deinit {
        // A job that threw leaves a clean line to its error.
        clear()
    }

    func show(_ progress: JobProgress) {
        guard isShown else { return }
        let now = Process.seconds
        state.withLock { state in
            if progress.stage != state.stage { state = State(stage: progress.stage, stageStart: now) }
            guard now - state.lastDrawn >= 0.1 || progress.done == progress.total else { return }
            state.lastDrawn = now
            StandardError.write(Self.erasure + text(progress, elapsed: now - state.stageStart))
        }
    }

    /// Takes the line away, so that what follows starts clean.
    func clear() {
        if isShown { StandardError.write(Self.erasure) }
    }

    private func text(_ progress: JobProgress, elapsed: Double) -> String {
        let share = progress.total > 0 ? Double(progress.done) / Double(progress.total) : 0
        let rate = elapsed > 0 ? Double(progress.done) / elapsed : 0
        let percent = "\(Decimal.text(share * 100, places: 0)) %"
        var parts = [isColoured ? "\u{1B}[1m\(progress.stage)\u{1B}[0m" : progress.stage, percent]
        switch progress.unit {
        case .bytes:
            parts.append("\(ByteSize.text(progress.done)) of \(ByteSize.text(progress.total))")
            parts.append("\(ByteSize.text(Int(min(rate, 1e15))))/s")
        case .tokens:
            parts.append("\(progress.done) of \(progress.total) tokens")
            parts.append("\(Decimal.text(rate, significantDigits: 3)) tokens/s")
        case .pictures: parts.append("\(progress.done) of \(progress.total) pictures")
        }
        if rate > 0, progress.done < progress.total {
            parts.append("ETA \(Self.duration(Double(progress.total - progress.done) / rate))")
        }
        return parts.joined(separator: "  ")
    }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 359_999).rounded(.up))
        return whole >= 3600
            ? "\(whole / 3600):\((whole / 60 % 60).zeroPadded(toDigits: 2)):\((whole % 60).zeroPadded(toDigits: 2))"
            : "\(whole / 60):\((whole % 60).zeroPadded(toDigits: 2))"
    }
}
