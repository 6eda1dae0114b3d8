import Secrets
import Synchronization
import TLS

/// Peers that behave well: kept connections that each ask for a cached secret at a fixed rate, and read their answers.
final class Workers: Sendable {
    static let count = 4
    /// Of each of them.
    static let requestsPerSecond = 250

    private let links: [Link]
    private let failure = Mutex<(any Error)?>(nil)

    init(_ scene: Scene) throws {
        let context = try ClientContext(files: Scene.worker(beside: scene.socket))
        links = try (0..<Self.count).map { _ in try Link(scene.socket, context) }
    }

    /// Asks for so long.
    ///
    /// - Returns: how long each answer took, in nanoseconds.
    func run(for duration: Duration) throws -> [Int64] {
        let gathered = Gathered()
        let start = BootInstant.now
        let end = start.advanced(by: duration)
        try Pace.together(Self.count) { [self] index in
            do {
                gathered.add(try ask(links[index], number: index, from: start, until: end))
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return gathered.all
    }

    private func ask(_ link: Link, number: Int, from start: BootInstant, until end: BootInstant) throws -> [Int64] {
        let period = 1_000_000_000 / Int64(Self.requestsPerSecond)
        var times: [Int64] = []
        // Workers do not ask in step.
        var due = start.advanced(by: period * Int64(number) / Int64(Self.count))
        while due < end {
            Pace.sleep(until: due)
            let isFree = times.last.map { $0 < period } ?? true
            // Who still waited for the last answer when this request was due has waited since then: otherwise a stall would
            // hide all but one of the requests that it held up.
            let begun = isFree ? BootInstant.now : due
            try link.get(Scene.key(number))
            times.append(BootInstant.now.nanoseconds(since: begun))
            due = due.advanced(by: period)
        }
        return times
    }

    /// What several threads measured.
    private final class Gathered: Sendable {
        private let times = Mutex<[Int64]>([])

        func add(_ more: [Int64]) { times.withLock { $0 += more } }
        var all: [Int64] { times.withLock { $0 } }
    }
}
