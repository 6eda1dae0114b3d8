/// Keeps callers from a manager that does not answer. Closed, everybody asks; open, nobody does; half open, one does, and what
/// becomes of that decides.
struct Breaker: Sendable {
    enum State: String, Sendable {
        case closed
        case open
        case halfOpen = "half open"
    }

    enum Admission: Equatable, Sendable {
        case go
        /// For this long nobody may ask.
        case refused(Duration)
    }

    private let rules: BreakerRules
    private(set) var state = State.closed
    private var failuresInARow = 0
    private var openings = 0
    private var openUntil = BootInstant(nanoseconds: 0)

    init(_ rules: BreakerRules) { self.rules = rules }

    /// Whether a call may be made. Half open, the one that may is now expected to be judged by ``record(isFailure:at:)``, or to be
    /// given back by ``giveUp()``.
    mutating func admit(at now: BootInstant) -> Admission {
        switch state {
        case .closed: return .go
        case .open where now >= openUntil:
            state = .halfOpen
            return .go
        case .open, .halfOpen: return .refused(.nanoseconds(max(1_000_000, openUntil.nanoseconds(since: now))))
        }
    }

    /// What became of a call.
    mutating func record(isFailure: Bool, at now: BootInstant) {
        guard isFailure else {
            state = .closed
            failuresInARow = 0
            openings = 0
            return
        }
        failuresInARow += 1
        guard rules.failures > 0, state == .halfOpen || (state == .closed && failuresInARow >= rules.failures) else {
            return
        }
        openUntil = now.advanced(by: min(rules.openFor * (1 << min(openings, 10)), rules.longestOpen))
        openings += 1
        state = .open
    }

    /// The one call that could have told was given up by its caller.
    mutating func giveUp() {
        if state == .halfOpen { state = .open }
    }
}
