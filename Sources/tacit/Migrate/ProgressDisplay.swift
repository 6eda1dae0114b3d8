internal import Glibc
internal import Migration
internal import Synchronization

/// How far it is, on standard error: a bar on a terminal, else a line now and then.
final class ProgressDisplay: Sendable {
    private static let barWidth = 30
    /// Between two pictures of the bar.
    private static let barInterval = Duration.milliseconds(100)
    /// Between two lines.
    private static let lineInterval = Duration.seconds(5)

    private struct State: Sendable {
        var shownAt: ContinuousClock.Instant?
        var last: MigrationProgress?
        var isBarShown = false
    }

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    func show(_ progress: MigrationProgress) {
        state.withLock { state in
            let now = ContinuousClock.now
            let isNew = state.last?.phase != progress.phase
            let isLast = progress.total == progress.done
            let interval = isTerminal ? Self.barInterval : Self.lineInterval
            state.last = progress
            guard isNew || isLast || state.shownAt.map({ now - $0 >= interval }) ?? true else { return }
            state.shownAt = now
            state.isBarShown = isTerminal
            let text = Self.text(progress, withBar: isTerminal)
            StandardError.write(isTerminal ? "\r\u{1b}[K\(text)" : "tacit: \(text)", terminator: isTerminal ? "" : "\n")
        }
    }

    /// Leaves the bar's line.
    func finish() {
        state.withLock { state in
            if state.isBarShown { StandardError.write("\r\u{1b}[K", terminator: "") }
            state.isBarShown = false
        }
    }

    private static func text(_ progress: MigrationProgress, withBar: Bool) -> String {
        let name = progress.phase.rawValue
        guard let total = progress.total else { return "\(name) \(progress.done)" }
        let count = "\(progress.done) of \(total)"
        guard withBar else { return "\(name) \(count)" }
        let full = total == 0 ? barWidth : barWidth * progress.done / total
        let bar = String(repeating: "#", count: full) + String(repeating: "-", count: barWidth - full)
        return "\(name) [\(bar)] \(count)"
    }
}
