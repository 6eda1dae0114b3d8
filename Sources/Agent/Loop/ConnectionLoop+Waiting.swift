internal import EventLoop
internal import HeapModule
internal import Secrets
internal import Synchronization
internal import Wire

/// Requests that wait for a manager, until their outcome or their deadline comes.
extension ConnectionLoop {
    /// Which request is meant. A client may use an id again as soon as it has an answer, while the work for the request before
    /// goes on; so the number decides.
    struct RequestKey: Sendable {
        let token: UInt64
        let id: UInt32
        let number: UInt64
    }

    struct RequestDeadline: Comparable {
        let instant: BootInstant
        let key: RequestKey
        static func < (left: RequestDeadline, right: RequestDeadline) -> Bool { left.instant < right.instant }
        static func == (left: RequestDeadline, right: RequestDeadline) -> Bool { left.instant == right.instant }
    }

    /// Lets a request wait for `work`, whose result finishes it on this thread.
    ///
    /// - Parameters:
    ///   - entries: what is recorded if the request ends without the outcome of `work`.
    ///   - work: is told by when it should have an outcome: a little before the request's time is over, so that the caller
    ///     learns what went wrong and not only that it took too long.
    func begin(
        _ header: FrameHeader,
        on session: Session,
        metric: RequestMetric,
        startedAt: BootInstant,
        entries: [AuditEntry],
        _ work: @escaping @Sendable (BootInstant) async -> Completion
    ) throws(RequestFailure) {
        let services = services
        let waiting = services.pendingRequests.add(1, ordering: .relaxed).newValue
        // What was given up still counts until its work is over, or one peer could start it without bound.
        let isWithinOwn = session.working < limits.wire.openRequests
        guard waiting <= limits.pendingRequests, isWithinOwn else {
            services.pendingRequests.subtract(1, ordering: .relaxed)
            throw isWithinOwn ? .overloaded : .tooManyOpen
        }
        session.working += 1
        let named = header.timeout.map { Duration.milliseconds(Int64($0)) } ?? limits.requestTimeout
        let allowed = min(named, limits.requestTimeoutMaximum)
        let deadline = startedAt.advanced(by: allowed)
        let outcomeDue = startedAt.advanced(by: allowed - min(allowed / 10, AgentLimits.outcomeMargin))
        lastNumber += 1
        let key = RequestKey(token: session.token, id: header.id, number: lastNumber)
        let inbox = inbox
        let task = Task.detached {
            let completion = await work(outcomeDue)
            services.pendingRequests.subtract(1, ordering: .relaxed)
            inbox.send(.complete(key, completion))
        }
        session.pending[key.id] = PendingRequest(
            id: key.id,
            number: key.number,
            startedAt: startedAt,
            entries: entries,
            metric: metric,
            task: task
        )
        deadlines.insert(RequestDeadline(instant: deadline, key: key))
        metrics.pending.add(1, ordering: .relaxed)
        forgetDeadlines()
    }

    /// Requests that are over leave their deadlines behind; they go before they outnumber the others.
    private func forgetDeadlines() {
        guard deadlines.count > 1024, deadlines.count > 2 * metrics.pending.load(ordering: .relaxed) else { return }
        deadlines = Heap(deadlines.unordered.filter { find($0.key) != nil })
    }

    func releasePending() { metrics.pending.subtract(1, ordering: .relaxed) }

    /// The session and the request that a key names, where both are still there.
    private func find(_ key: RequestKey) -> (Session, PendingRequest)? {
        guard let session = session(key.token), let pending = session.pending[key.id], pending.number == key.number
        else { return nil }
        return (session, pending)
    }

    func complete(_ key: RequestKey, _ completion: @escaping Completion) {
        session(key.token)?.working -= 1
        finish(key, completion)
    }

    private func finish(_ key: RequestKey, _ completion: @escaping Completion) {
        guard let (session, pending) = find(key) else { return }
        // There is room for one answer beyond the mark; more have to wait until the peer has read.
        if session.isHeldBack { return session.parked.append((key, completion)) }
        session.pending[key.id] = nil
        releasePending()
        completion(self, session, pending)
        markDirty(session)
    }

    /// Takes up outcomes that waited for the peer to read. Their records and answers belong to the next turn.
    func unpark(_ session: Session) {
        while !session.parked.isEmpty, !session.isHeldBack {
            let (key, completion) = session.parked.removeFirst()
            finish(key, completion)
        }
        markAgain(session)
    }

    /// Ends a request that waits, without its outcome.
    func abandon(_ id: UInt32, of session: Session, _ failure: RequestFailure, _ outcome: OutcomeMetric) {
        guard let pending = session.pending.removeValue(forKey: id) else { return }
        releasePending()
        pending.task.cancel()
        refuse(pending, on: session, failure, outcome)
    }

    func expireRequests() {
        while let first = deadlines.min, first.instant <= now {
            _ = deadlines.popMin()
            guard let (session, _) = find(first.key) else { continue }
            abandon(first.key.id, of: session, .timedOut, .timedOut)
        }
    }
}
