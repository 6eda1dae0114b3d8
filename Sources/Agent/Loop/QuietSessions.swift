internal import SecretMemory
internal import Secrets

/// Connections that fell silent, in the order in which they did. Each is to give its buffers back a moment later: otherwise
/// those of many that come at once would all be held at the same time, and the arena, which never shrinks, grow for them.
struct QuietSessions {
    /// How long a connection may be silent before it counts. One that asks more often keeps its buffers.
    private static let hold: Duration = .milliseconds(50)
    /// The loop is not woken for each of them.
    private static let step: Int64 = 25_000_000

    /// By their tokens: a connection that is closed is closed, and does not wait here.
    private var waiting: [(token: UInt64, due: BootInstant)] = []
    /// Those before this one have been looked at.
    private var first = 0

    /// When to look next; nil where there is none.
    var nextDue: BootInstant? { first < waiting.count ? waiting[first].due : nil }

    /// Notes that there is nothing to do for a connection at the moment.
    mutating func add(_ session: Session) {
        guard !session.isQuiet, !session.hasReleasedBuffers else { return }
        session.isQuiet = true
        let due = session.lastActive.advanced(by: Self.hold).nanoseconds
        waiting.append((session.token, BootInstant(nanoseconds: due - due % Self.step + Self.step)))
    }

    /// Lets those rest that have been silent for long enough.
    mutating func rest(at now: BootInstant, find: (UInt64) -> Session?) {
        while first < waiting.count, waiting[first].due <= now {
            let session = find(waiting[first].token)
            first += 1
            guard let session else { continue }
            session.isQuiet = false
            guard session.outgoing.isEmpty else { continue }
            if now < session.lastActive.advanced(by: Self.hold) { add(session) } else { session.releaseBuffers() }
        }
        guard first > 0, first * 2 >= waiting.count else { return }
        waiting.removeFirst(first)
        first = 0
    }
}
