internal import Databases
internal import Secrets

/// How often, and how long, a write is tried.
struct WritePatience {
    /// Tries that the server undid, such as after a deadlock.
    static let undoneLimit = 3
    /// Waits for a lock, or on a server that took no writes any more, until the next try is the last.
    static let hinderedLimit = 1
    static let firstPause: Duration = .milliseconds(20)
    static let longestPause: Duration = .seconds(1)

    private let deadline: ContinuousClock.Instant
    private var races = 0
    private var undone = 0
    private var hindered = 0
    private var pauses = 0
    /// Why it is not known whether a try was kept.
    private var lost: StoreFailure?

    init(until deadline: ContinuousClock.Instant) { self.deadline = deadline }

    /// Somebody else wrote the same secret.
    mutating func raced() throws(StoreFailure) {
        races += 1
        guard races < SealedStore.writeAttempts else { throw .refused(.conflict) }
    }

    mutating func lostAnswer(_ reason: StoreFailure) throws(StoreFailure) {
        lost = reason
        if reason.databaseKind == .cancelled { throw reason }
    }

    /// - Throws: `failure`, or that the outcome is unknown, where there is to be no further try.
    mutating func failed(_ failure: StoreFailure, at place: SealedPlace) throws(StoreFailure) {
        guard let kind = failure.databaseKind else { throw failure }
        let isLater = ContinuousClock.now >= deadline
        if let lost {
            // The one question left is whether it was kept; only the database can tell.
            guard isLater || kind == .cancelled || kind == .closed else { return }
            throw .refused(place.unknownOutcome("\(lost.explained(place)); \(failure.explained(place))"))
        }
        switch kind {
        case .conflict: undone += 1
        case .timeout, .readOnly, .lost: hindered += 1
        default: throw failure
        }
        if isLater || undone > Self.undoneLimit || hindered > Self.hinderedLimit { throw failure }
    }

    /// Lets others go first, and a server come back.
    mutating func pause() async {
        guard lost != nil || races + undone + hindered > 1 else { return }
        let longest = min(Self.firstPause * (1 << min(pauses, 10)), Self.longestPause)
        pauses += 1
        try? await Task.sleep(for: longest * Double.random(in: 0.5...1))
    }
}

extension SealedPlace {
    fileprivate func unknownOutcome(_ reason: String) -> BackendError {
        .unavailable(detail: "\(store): whether a write was kept is not known, for its answer was lost: \(reason)")
    }
}
