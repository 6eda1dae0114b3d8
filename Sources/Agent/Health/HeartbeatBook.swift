internal import Secrets
internal import Synchronization

/// Which clients have said that they live, each under the identity that said it first.
final class HeartbeatBook: Sendable {
    /// Most instances that are remembered.
    static let limit = 10_000
    /// Most instances of one identity, so that none of them uses up the room of all.
    static let limitPerIdentity = 1000
    /// Longest interval and time-out, in milliseconds.
    static let longestTime: UInt64 = 3_600_000
    static let defaultInterval: UInt64 = 3000
    static let defaultTimeout: UInt64 = 60_000

    static let states = [
        "CREATED", "RUNNING", "MAINTENANCE", "ERROR", "DISCONNECTED", "TERMINATING", "TERMINATED_GRACEFULLY",
        "TERMINATED_FORCED", "NOT_RUNNING", "INACTIVE",
    ]

    struct Beat {
        let id: String
        let identity: String
        let state: String
        /// Milliseconds; 0: the default.
        let interval: UInt64
        let timeout: UInt64
    }

    struct Held: Sendable, Equatable {
        let identity: String
        let state: String
        let interval: UInt64
        let deadline: BootInstant
    }

    enum Refusal: Error { case unknownState, badTimes, foreignInstance, full }

    private struct Book {
        var instances: [String: Held] = [:]
        /// How many of them each identity has.
        var counts: [String: Int] = [:]

        mutating func set(_ held: Held, _ id: String) {
            if let old = instances.updateValue(held, forKey: id) { release(old.identity) }
            counts[held.identity, default: 0] += 1
        }

        /// Forgets those that are silent for longer than they promised.
        mutating func forgetSilent(at now: BootInstant) {
            for (id, held) in instances where held.deadline < now {
                instances[id] = nil
                release(held.identity)
            }
        }

        private mutating func release(_ identity: String) {
            let left = (counts[identity] ?? 0) - 1
            counts[identity] = left > 0 ? left : nil
        }

        func hasRoom(for identity: String) -> Bool {
            instances.count < HeartbeatBook.limit && counts[identity] ?? 0 < HeartbeatBook.limitPerIdentity
        }
    }

    private let book = Mutex(Book())

    /// Takes a beat.
    func note(_ beat: Beat, at now: BootInstant) throws(Refusal) -> Held {
        let state = beat.state.isEmpty ? "RUNNING" : beat.state
        guard Self.states.contains(state) else { throw .unknownState }
        let interval = beat.interval == 0 ? Self.defaultInterval : beat.interval
        let timeout = beat.timeout == 0 ? max(Self.defaultTimeout, interval * 2) : beat.timeout
        guard interval <= Self.longestTime, timeout <= 2 * Self.longestTime, timeout > interval else { throw .badTimes }
        let held = Held(
            identity: beat.identity,
            state: state,
            interval: interval,
            deadline: now.advanced(by: .milliseconds(Int64(timeout)))
        )
        return try book.withLock { (book) throws(Refusal) in
            if let known = book.instances[beat.id] {
                // Whoever fell silent for longer than it promised has lost its name.
                guard known.identity == beat.identity || known.deadline < now else { throw .foreignInstance }
            } else if !book.hasRoom(for: beat.identity) {
                book.forgetSilent(at: now)
                guard book.hasRoom(for: beat.identity) else { throw .full }
            }
            book.set(held, beat.id)
            return held
        }
    }

    /// Instances whose time-out has not passed, and those whose has.
    func counts(at now: BootInstant) -> (alive: Int, silent: Int) {
        book.withLock { book in
            let alive = book.instances.values.count { $0.deadline >= now }
            return (alive, book.instances.count - alive)
        }
    }
}
