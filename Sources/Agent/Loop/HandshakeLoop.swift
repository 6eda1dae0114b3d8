internal import CLinux
internal import EventLoop
internal import Glibc
internal import Logging
internal import Secrets
internal import Synchronization
internal import TLS

/// The thread at the door: it accepts, shakes hands, finds out who it is, and hands the connection to a loop. Handshakes cost
/// hundreds of times what an answer costs; here they delay nobody who is already inside.
///
/// Sound to share: other threads touch the inbox and the counters only.
final class HandshakeLoop: @unchecked Sendable {
    enum Message: Sendable {
        case replace(Snapshot)
        /// Accept no more.
        case drain
        case stop
    }

    /// Why and how often handshakes failed, and how many went well.
    struct Statistics: Sendable {
        var accepted: UInt64 = 0
        var resumed: UInt64 = 0
        var refused: [String: UInt64] = [:]
    }

    private static let inboxToken = UInt64.max
    private static let listenerToken = UInt64(1) << 63
    /// Connections accepted from one listener in one turn.
    private static let acceptsPerTurn = 64
    /// How long accepting rests when descriptors or tokens have run out, in milliseconds.
    private static let restMilliseconds: Int64 = 20
    /// Refused handshakes that are logged a second; all are counted and audited.
    private static let logsPerSecond = 20

    let inbox: Inbox<Message>
    private let services: Services
    private let limits: AgentLimits
    private var snapshot: Snapshot
    private var recentAccess = RecentAccess()
    private var listeners: [ListenerBox]
    private let loops: [ConnectionLoop]
    private let poller: Poller
    private var guests: [Guest?] = []
    private var freeSlots: [Int] = []
    private var guestCount = 0
    private var bucket: TokenBucket
    private var logBucket: TokenBucket
    private var restingUntil: BootInstant?
    private var isDraining = false
    private var isStopping = false
    private var nextLoop = 0
    private var now = BootInstant.now
    private var audit = AuditBatch()
    private let recorded = Mutex(Statistics())
    let lastTurn = Atomic<Int64>(0)
    /// Whether no more are accepted, and all who were have been handed to a loop or sent away.
    private let hasDrained = Atomic(false)
    var isDrained: Bool { hasDrained.load(ordering: .acquiring) }

    /// A class box: a listener cannot be copied into an array.
    final class ListenerBox: Sendable {
        let listener: Listener
        init(_ listener: consuming Listener) { self.listener = listener }
    }

    /// A connection whose handshake is under way.
    private final class Guest {
        var descriptor: Descriptor?
        let raw: CInt
        let peer: Peer
        let context: ServerContext
        var tls: Connection?
        var deadline: BootInstant
        var wantsWrite = false

        init(
            _ descriptor: consuming Descriptor,
            _ peer: Peer,
            _ context: ServerContext,
            _ tls: consuming Connection,
            deadline: BootInstant
        ) {
            raw = descriptor.raw
            self.descriptor = consume descriptor
            self.peer = peer
            self.context = context
            self.tls = consume tls
            self.deadline = deadline
        }
    }

    init(
        services: Services,
        limits: AgentLimits,
        snapshot: Snapshot,
        listeners: [ListenerBox],
        loops: [ConnectionLoop]
    ) throws(SystemFailure) {
        self.services = services
        self.limits = limits
        self.snapshot = snapshot
        self.listeners = listeners
        self.loops = loops
        poller = try Poller()
        inbox = try Inbox()
        bucket = TokenBucket(perSecond: limits.handshakesPerSecond, burst: limits.handshakesPerSecond, now: .now)
        logBucket = TokenBucket(perSecond: Self.logsPerSecond, burst: Self.logsPerSecond, now: .now)
        try poller.watch(inbox.descriptor, .readable, token: Self.inboxToken)
        for (index, box) in listeners.enumerated() {
            try poller.watch(box.listener.descriptor, .readable, token: Self.listenerToken | UInt64(index))
        }
    }

    var statistics: Statistics { recorded.withLock { $0 } }

    func run() {
        // Those who are inside come first when processors are scarce.
        linux_lower_thread_priority()
        while !isStopping {
            let ready = poller.wait(milliseconds: waitLimit())
            now = .now
            lastTurn.store(now.nanoseconds, ordering: .relaxed)
            for index in 0..<ready { handleEvent(index) }
            endRest()
            expire()
            commitAudit()
            if isDraining, guestCount == 0 { hasDrained.store(true, ordering: .releasing) }
        }
        guests.removeAll()
    }

    private func waitLimit() -> CInt {
        if let restingUntil { return CInt(max(1, restingUntil.nanoseconds(since: .now) / 1_000_000)) }
        return guestCount > 0 ? 50 : 1000
    }

    private func handleEvent(_ index: Int) {
        let (token, _, _) = poller.event(index)
        if token == Self.inboxToken { return readInbox() }
        if token & Self.listenerToken != 0 {
            // The inbox may have said in this very turn that no more are taken.
            if !listeners.isEmpty { accept(listeners[Int(token & 0xffff)]) }
            return
        }
        if let guest = guests[Int(token)] { shakeHands(guest, slot: Int(token)) }
    }

    private func readInbox() {
        for message in inbox.takeAll() {
            switch message {
            case .replace(let snapshot): self.snapshot = snapshot
            case .drain:
                for box in listeners { poller.forget(box.listener.descriptor) }
                listeners.removeAll()
                // Those who have begun are to hear why they are sent away; those who dawdle are not waited for.
                let end = BootInstant.now.advanced(by: AgentLimits.handshakeGrace)
                for case .some(let guest) in guests { guest.deadline = min(guest.deadline, end) }
                isDraining = true
            case .stop: isStopping = true
            }
        }
    }

    // MARK: Accepting

    private func accept(_ box: ListenerBox) {
        for _ in 0..<Self.acceptsPerTurn {
            guard restingUntil == nil else { return }
            guard guestCount < limits.handshakes || dismissSlowest(), bucket.take(at: now) else { return rest() }
            let raw = linux_accept(box.listener.descriptor)
            guard raw >= 0 else { return acceptFailed(errno) }
            let descriptor = Descriptor(adopting: raw)
            if !box.listener.isUnix {
                var on: CInt = 1
                unsafe setsockopt(raw, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
            }
            welcome(descriptor, Peer(of: raw, isUnix: box.listener.isUnix))
        }
    }

    private func acceptFailed(_ code: CInt) {
        switch code {
        case EAGAIN, EINTR, ECONNABORTED, EPROTO: break
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            logRefusal("no descriptor is left for a connection", ["errno": "\(code)"])
            rest()
        default: logRefusal("a connection could not be accepted", ["errno": "\(code)"])
        }
    }

    /// Leaves new connections in the kernel's queue for a moment.
    private func rest() {
        guard restingUntil == nil else { return }
        restingUntil = now.advanced(by: .milliseconds(Self.restMilliseconds))
        for box in listeners { poller.forget(box.listener.descriptor) }
    }

    private func endRest() {
        guard let until = restingUntil, now >= until else { return }
        restingUntil = nil
        for (index, box) in listeners.enumerated() {
            do throws(SystemFailure) {
                try poller.watch(box.listener.descriptor, .readable, token: Self.listenerToken | UInt64(index))
            } catch {
                services.log.error("a listener could not be watched again", metadata: ["error": "\(error)"])
            }
        }
    }

    private func welcome(_ descriptor: consuming Descriptor, _ peer: Peer) {
        let tls: Connection
        do throws(TLSError) {
            tls = try snapshot.context.connection(on: descriptor.raw)
        } catch {
            return refuse(peer, HandshakeFailure(.noMemory))
        }
        let deadline = now.advanced(by: limits.handshakeTimeout)
        let guest = Guest(descriptor, peer, snapshot.context, tls, deadline: deadline)
        let slot = freeSlots.popLast() ?? guests.count
        if slot == guests.count { guests.append(nil) }
        guests[slot] = guest
        guestCount += 1
        do throws(SystemFailure) { try poller.watch(guest.raw, .readable, token: UInt64(slot)) } catch {
            return dismiss(slot)
        }
        // With a local client the first flight is often there already.
        shakeHands(guest, slot: slot)
    }

    // MARK: Shaking hands

    private func shakeHands(_ guest: Guest, slot: Int) {
        guard var tls = guest.tls.take() else { return }
        let progress = tls.handshake()
        switch progress {
        case .done: admit(guest, tls, slot: slot)
        case .wantsRead, .wantsWrite:
            guest.tls = consume tls
            watch(guest, slot: slot, writable: progress == .wantsWrite)
        case .failed(let failure):
            dismiss(slot)
            refuse(guest.peer, failure)
        }
    }

    private func watch(_ guest: Guest, slot: Int, writable: Bool) {
        guard guest.wantsWrite != writable else { return }
        guest.wantsWrite = writable
        let interest: Poller.Interest = writable ? .writable : .readable
        do throws(SystemFailure) { try poller.change(guest.raw, interest, token: UInt64(slot)) } catch { dismiss(slot) }
    }

    private func admit(_ guest: Guest, _ tls: consuming Connection, slot: Int) {
        poller.forget(guest.raw)
        guests[slot] = nil
        freeSlots.append(slot)
        guestCount -= 1
        let resumed = tls.wasResumed
        guard let identity = tls.peerIdentity(),
            let access = recentAccess.access(of: identity.uri, guest.peer.process, under: snapshot.policy),
            let descriptor = guest.descriptor.take()
        else { return refuse(guest.peer, HandshakeFailure(.malformedSpiffeID)) }
        recorded.withLock { recorded in
            recorded.accepted += 1
            recorded.resumed += resumed ? 1 : 0
        }
        let session = Session(
            descriptor: descriptor,
            peer: guest.peer,
            identity: identity,
            context: guest.context,
            tls: tls,
            access: access,
            limits: limits,
            now: now
        )
        // Those on their way first: one that arrives in between is counted twice rather than not at all.
        let arriving = loops.reduce(0) { $0 + $1.metrics.arriving.load(ordering: .acquiring) }
        let count = loops.reduce(arriving) { $0 + $1.metrics.connections.load(ordering: .acquiring) }
        if count >= limits.connections {
            session.isUnwanted = true
            logRefusal(
                "a connection was sent away: there are as many as there may be",
                session.logMetadata.mapValues { "\($0)" }
            )
        }
        // In turn, so that connections that come together are spread.
        nextLoop = (nextLoop + 1) % loops.count
        loops[nextLoop].metrics.arriving.add(1, ordering: .relaxed)
        loops[nextLoop].inbox.send(.adopt(session))
    }

    private func dismiss(_ slot: Int) {
        guard let guest = guests[slot] else { return }
        poller.forget(guest.raw)
        guests[slot] = nil
        freeSlots.append(slot)
        guestCount -= 1
    }

    /// While others wait for its place, whoever has been at its handshake for longest is given less time than the limit.
    ///
    /// - Returns: whether there was such a one.
    private func dismissSlowest() -> Bool {
        let slowest = guests.indices.min { deadline(ofSlot: $0) < deadline(ofSlot: $1) }
        guard let slowest, let guest = guests[slowest] else { return false }
        let begun = guest.deadline.advanced(by: .zero - limits.handshakeTimeout)
        guard now > begun.advanced(by: AgentLimits.handshakeGrace) else { return false }
        dismiss(slowest)
        refuse(guest.peer, HandshakeFailure(.other("too many were at their handshakes, and it was the slowest")))
        return true
    }

    private func deadline(ofSlot slot: Int) -> BootInstant { guests[slot]?.deadline ?? .distantFuture }

    private func expire() {
        guard guestCount > 0 else { return }
        for slot in guests.indices {
            guard let guest = guests[slot], guest.deadline <= now else { continue }
            dismiss(slot)
            let why = isDraining ? "the agent is shutting down" : "it took longer than \(limits.handshakeTimeout)"
            refuse(guest.peer, HandshakeFailure(.other(why)))
        }
    }

    // MARK: Refusals

    private func refuse(_ peer: Peer, _ failure: HandshakeFailure) {
        recorded.withLock { $0.refused[failure.reason.name, default: 0] += 1 }
        audit.field("identity", failure.certificate?.uri ?? "")
        if let process = peer.process {
            audit.field("peer", process.text)
        } else {
            audit.field("peer", peer.address)
        }
        audit.operation("connect")
        audit.denied(failure.reason.name.uppercased(), by: "")
        audit.end()
        var metadata: [String: String] = ["reason": failure.reason.name, "peer": peer.address]
        if let process = peer.process { metadata["peer"] = "pid \(process.pid) uid \(process.uid)" }
        if let certificate = failure.certificate { metadata["certificate"] = certificate.description }
        logRefusal("a handshake was refused: \(failure)", metadata)
    }

    private func logRefusal(_ message: String, _ metadata: [String: String]) {
        guard logBucket.take(at: now) else { return }
        services.log.notice("\(message)", metadata: metadata.mapValues { "\($0)" })
    }

    private func commitAudit() {
        guard !audit.isEmpty else { return }
        do throws(AuditLog.Failure) {
            try services.audit.commit(&audit, time: WallClock.milliseconds)
        } catch {
            // Nothing was let in, so there is no answer to hold back; health shows the failure.
            services.log.error("the audit cannot be written", metadata: ["error": "\(error)"])
        }
    }
}
