internal import EventLoop
internal import HeapModule
internal import Logging
internal import SecretMemory
internal import Secrets
internal import Synchronization
internal import TLS
internal import Wire

/// One thread that owns connections and answers what they ask. What the cache knows is answered at once; what needs a manager
/// waits beside, and its outcome comes back through the inbox.
///
/// Sound to share: other threads touch the inbox and the metrics only.
final class ConnectionLoop: @unchecked Sendable {
    /// What other threads may ask of a loop.
    enum Message: Sendable {
        /// Take over an authenticated connection.
        case adopt(Session)
        /// A request that waited has its outcome.
        case complete(RequestKey, Completion)
        /// From now on this is valid.
        case replace(Snapshot)
        /// A client's instance no longer lives on this connection.
        case unbind(UInt64, String)
        /// Take nothing new and finish what is open.
        case drain
        /// Close everything and end.
        case stop
    }

    /// Finishes a request on the loop's thread.
    typealias Completion = @Sendable (ConnectionLoop, Session, PendingRequest) -> Void

    /// Timers are looked at this often, in milliseconds; deadlines of requests are exact.
    private static let sweepInterval: Int64 = 250

    /// Its place among the loops.
    let number: Int
    let services: Services
    let limits: AgentLimits
    let inbox: Inbox<Message>
    let metrics = LoopMetrics()
    private(set) var snapshot: Snapshot
    let poller: Poller

    private var sessions: [Session?] = []
    private var freeSlots: [Int] = []
    private var generation: UInt32 = 0
    private(set) var sessionCount = 0
    /// Sessions with answers of this turn to send.
    var dirty: [Session] = []
    /// Those of the turn before; two arrays take turns, so that neither is made anew.
    var sending: [Session] = []
    /// Sessions that have more to do without a word from the kernel.
    var again: [Session] = []
    var quiet = QuietSessions()
    /// Sessions with streams of health reports.
    var watchers: Set<UInt64> = []
    var deadlines = Heap<RequestDeadline>()
    /// Of the last request that had to wait.
    var lastNumber: UInt64 = 0
    private var isDraining = false
    private var isStopping = false
    private var nextSweep = BootInstant.now

    /// The time at the start of the turn.
    private(set) var now = BootInstant.now
    /// The time at the end of the request before, or at the start of the turn: so a request reads the clock once.
    var clock = BootInstant.now
    /// The audit records of the turn.
    var audit: AuditBatch

    init(number: Int, services: Services, limits: AgentLimits, snapshot: Snapshot) throws(SystemFailure) {
        self.number = number
        self.services = services
        self.limits = limits
        self.snapshot = snapshot
        audit = AuditBatch(isKept: services.audit.isKept)
        poller = try Poller()
        inbox = try Inbox()
        try poller.watch(inbox.descriptor, .readable, token: .max)
    }

    // MARK: The turn

    /// Runs until told to stop. The loop's own thread calls this.
    func run() {
        while !isStopping {
            let ready = poller.wait(milliseconds: waitLimit())
            now = .now
            clock = now
            metrics.lastTurn.store(now.nanoseconds, ordering: .relaxed)
            let waiting = again
            if !waiting.isEmpty { again.removeAll(keepingCapacity: true) }
            for index in 0..<ready { handleEvent(index) }
            receiveAgain(waiting)
            expireRequests()
            quiet.rest(at: now) { session($0) }
            if now >= nextSweep { sweep() }
            let worked = !dirty.isEmpty || !audit.isEmpty
            endTurn()
            if worked { noteTurn() }
        }
        closeAll()
        endTurn()
    }

    /// Who had more than its share in the last turn comes after those who have just spoken; and all of them together have
    /// one share, so that few who ask without end do not make the turn long for many who ask now and then.
    private func receiveAgain(_ waiting: [Session]) {
        var share = AgentLimits.requestsOfTheBusy
        for (index, session) in waiting.enumerated() {
            guard share > 0 else {
                again.insert(contentsOf: waiting[index...], at: 0)
                return
            }
            session.isQueuedAgain = false
            share -= receive(session, atMost: share)
        }
    }

    private func noteTurn() {
        metrics.noteTurn(nanoseconds: BootInstant.now.nanoseconds(since: now))
        // Registers and dead stack frames may still hold what passed through this turn.
        if again.isEmpty { Hardening.scrubStack() }
    }

    private func waitLimit() -> CInt {
        if !again.isEmpty || !dirty.isEmpty || isStopping { return 0 }
        var wait = max(0, nextSweep.nanoseconds(since: .now) / 1_000_000 + 1)
        if let first = deadlines.min {
            wait = min(wait, max(0, first.instant.nanoseconds(since: .now) / 1_000_000 + 1))
        }
        if let due = quiet.nextDue { wait = min(wait, max(0, due.nanoseconds(since: .now) / 1_000_000 + 1)) }
        return CInt(min(wait, 1000))
    }

    private func handleEvent(_ index: Int) {
        let (token, isReadable, isWritable) = poller.event(index)
        guard token != .max else { return readInbox() }
        guard let session = session(token) else { return }
        if isWritable { markDirty(session) }
        // Its turn comes, without a word from the kernel.
        if isReadable, !session.isQueuedAgain { receive(session) }
    }

    private func readInbox() {
        for message in inbox.takeAll() {
            switch message {
            case .adopt(let session): adopt(session)
            case .complete(let key, let completion): complete(key, completion)
            case .replace(let snapshot): replace(snapshot)
            case .unbind(let token, let instance): unbind(token, instance)
            case .drain: drain()
            case .stop: isStopping = true
            }
        }
    }

    // MARK: Sessions

    func session(_ token: UInt64) -> Session? {
        let slot = Int(token & 0xffff_ffff)
        guard slot < sessions.count, let session = sessions[slot], session.token == token else { return nil }
        return session
    }

    /// The one with most bytes in its buffers.
    func largestSession() -> Session? {
        sessions.lazy.compactMap { $0 }.max { $0.bufferedBytes < $1.bufferedBytes }
    }

    private func adopt(_ session: Session) {
        let slot = freeSlots.popLast() ?? sessions.count
        if slot == sessions.count { sessions.append(nil) }
        generation &+= 1
        session.token = UInt64(generation) << 32 | UInt64(slot)
        sessions[slot] = session
        sessionCount += 1
        metrics.connections.store(sessionCount, ordering: .releasing)
        metrics.arriving.subtract(1, ordering: .releasing)
        compile(session)
        do throws(SystemFailure) {
            try poller.watch(session.descriptor.raw, .readable, token: session.token)
        } catch {
            services.log.error("a connection could not be watched", metadata: ["error": "\(error)"])
            return close(session)
        }
        if isDraining { return leave(session, .shuttingDown) }
        if session.isUnwanted {
            audit.begin(session.auditPrefix)
            audit.operation("connect")
            audit.denied(Reason.connectionLimit.rawValue, by: "")
            audit.end()
            return leave(session, .connectionLimit)
        }
        // A reload may have overtaken it on the way here.
        if session.context !== snapshot.context { recheck(session) }
        // What came with the last flight of the handshake is already in OpenSSL's hands.
        receive(session)
        quiet.add(session)
    }

    private func compile(_ session: Session) {
        let isOld = session.access.generation != snapshot.policy.generation
        if isOld {
            let process = session.peer.process
            session.access = snapshot.policy.access(
                for: session.access.identity,
                uid: process?.uid,
                gid: process?.gid
            )
        }
        if isOld || session.auditPrefix.isEmpty {
            session.auditPrefix = AuditFields.peer(session.peer, session.access)
        }
        count(session, as: ServiceMetric(session.access.services))
    }

    private func count(_ session: Session, as service: ServiceMetric?) {
        metrics.move(from: session.countedAs, to: service)
        session.countedAs = service
    }

    /// A new policy holds for connections that are open, too; a revoked or foreign certificate ends its connection.
    private func replace(_ snapshot: Snapshot) {
        self.snapshot = snapshot
        for case .some(let session) in sessions {
            // They would keep the managers of before, and their credentials, alive.
            session.reads = RememberedReads()
            compile(session)
            recheck(session)
        }
        snapshot.followers.add(1, ordering: .releasing)
    }

    private func recheck(_ session: Session) {
        guard let failure = session.tls.recheck(against: snapshot.context) else { return }
        var metadata = session.logMetadata
        metadata["reason"] = "\(failure.reason.name)"
        services.log.notice("a connection was ended: its certificate is no longer accepted", metadata: metadata)
        audit.begin(session.auditPrefix)
        audit.operation("connect")
        audit.denied(failure.reason.name.uppercased(), by: "")
        audit.end()
        // What is open was allowed when it came, and is finished; nobody who was revoked gets any more.
        if failure.reason == .revoked {
            for id in session.pending.keys { abandon(id, of: session, .unauthenticated, .denied) }
        }
        leave(session, .unauthenticated("the certificate is no longer accepted: \(failure)"))
    }

    private func drain() {
        isDraining = true
        for case .some(let session) in sessions { leave(session, .shuttingDown) }
    }

    /// Says goodbye: no new requests; what is open finishes, then the connection closes.
    func leave(_ session: Session, _ farewell: Farewell) {
        guard !session.isLeaving else { return }
        session.isLeaving = true
        endWatches(of: session, .shuttingDown)
        let header = FrameHeader.connection(.goAway)
        do throws(MemoryError) {
            try session.outgoing.appendFrame(header, farewell.payload)
        } catch {
            return close(session)
        }
        markDirty(session)
    }

    /// Ends a connection at once. Outcomes that are still to come find nobody, but what was asked for is recorded: a manager may
    /// have carried it out.
    func close(_ session: Session) {
        guard !session.isClosed else { return }
        session.isClosed = true
        for pending in session.pending.values {
            pending.task.cancel()
            releasePending()
            record(pending, of: session, .cancelled, .cancelled)
        }
        session.pending.removeAll()
        session.parked.removeAll()
        let slot = Int(session.token & 0xffff_ffff)
        guard slot < sessions.count, sessions[slot] === session else { return }
        poller.forget(session.descriptor.raw)
        session.tls.close()
        sessions[slot] = nil
        freeSlots.append(slot)
        sessionCount -= 1
        count(session, as: nil)
        metrics.connections.store(sessionCount, ordering: .relaxed)
    }

    private func closeAll() {
        for case .some(let session) in sessions { close(session) }
    }

    // MARK: Timers

    private func sweep() {
        nextSweep = now.advanced(by: .milliseconds(Self.sweepInterval))
        pushHealth()
        let wallSeconds = WallClock.milliseconds / 1000
        let usage = Arena.usage
        let isScarce = usage.bytes[.tls] ?? 0 > usage.maximumBytes / 100 * AgentLimits.scarcePercent
        let writeLimit = isScarce ? min(limits.writeTimeout, AgentLimits.scarceTimeout) : limits.writeTimeout
        let frameLimit = isScarce ? min(limits.frameTimeout, AgentLimits.scarceTimeout) : limits.frameTimeout
        for case .some(let session) in sessions {
            if let since = session.stalledSince, now > since.advanced(by: writeLimit) {
                services.log.notice("a peer left its answers unread and was closed", metadata: session.logMetadata)
                close(session)
                continue
            }
            if let since = session.frameSince, !session.isHeldBack, now > since.advanced(by: frameLimit) {
                services.log.notice(
                    "a peer took too long to send a frame and was closed",
                    metadata: session.logMetadata
                )
                session.frameSince = nil
                leave(session, .slow)
                continue
            }
            if session.identity.notAfter < wallSeconds, !session.isLeaving {
                recheck(session)
                continue
            }
            guard session.pending.isEmpty, session.outgoing.isEmpty, session.watches.isEmpty else { continue }
            if let idle = limits.idleTimeout, now > session.lastActive.advanced(by: idle) {
                leave(session, .idle)
            } else if !session.hasReleasedBuffers, now > session.lastActive.advanced(by: AgentLimits.bufferHold) {
                session.releaseBuffers()
            }
        }
    }
}
