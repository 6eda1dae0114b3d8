internal import EventLoop
internal import Liveness
internal import Logging
internal import Secrets
internal import Synchronization

/// This agent's place in the registry of nodes, on a thread that waits for the registry and for nothing else.
final class NodeRegistry: Sendable {
    /// How often everybody may be read because somebody asks.
    static let listingPause = Duration.seconds(1)

    /// How things stand, for whoever looks.
    struct Condition: Sendable {
        var instance: ServiceInstance
        var phase: Presence.Phase
        /// When the registry last took a write; nil before the first.
        var lastWrite: BootInstant?
        var problem: String?
        var isCoordinator = false
        var verdicts = 0
        /// Everybody, and when that was read; nil before the first time.
        var listing: RegistryListing?
        var listedAt: BootInstant?
    }

    private enum Message: Sendable {
        case configure(LivenessRules, RegistryMember.Purge)
        case list(CheckedContinuation<Void, Never>)
        case leave
        case end(gracefully: Bool)
    }

    /// What the thread works with. Sound to send: the thread alone uses it.
    private final class Work: @unchecked Sendable {
        var member: RegistryMember
        var generator = SystemRandomNumberGenerator()
        var waiters: [CheckedContinuation<Void, Never>] = []
        var lastListing: BootInstant?
        var hasEnded = false

        init(_ member: RegistryMember) { self.member = member }
    }

    private let condition: Mutex<Condition>
    private let thread = Mutex<TimedThread<Message>?>(nil)

    private let registry: any InstanceRegistry
    private let services: Services
    private let listeners: [String]
    private let work: Work

    /// - Parameter listeners: where the agent listens.
    init(
        _ registry: any InstanceRegistry,
        rules: LivenessRules,
        purge: RegistryMember.Purge,
        services: Services,
        listeners: [String]
    ) {
        let now = BootInstant.now
        let presence = Presence(
            version: AgentVersion.current,
            node: services.node,
            rules: rules,
            naming: { (InstanceName.make(), InstanceName.make()) },
            at: .nanoseconds(now.nanoseconds),
            time: WallClock.milliseconds
        )
        condition = Mutex(Condition(instance: presence.instance, phase: presence.phase))
        work = Work(RegistryMember(presence: presence, purge: purge, at: .nanoseconds(now.nanoseconds)))
        self.registry = registry
        self.services = services
        self.listeners = listeners
    }

    /// Registers, and beats from then on.
    func start() throws(SystemFailure) {
        let started = try TimedThread<Message>("tacit-registry") { [self] messages in turn(messages) }
        thread.withLock { $0 = started }
    }

    var current: Condition { condition.withLock { $0 } }

    /// Everybody, read just now where the registry answers in time; what was read last where it does not.
    func everybody() async -> Condition {
        guard let thread = thread.withLock({ $0 }) else { return current }
        await withCheckedContinuation { thread.send(.list($0)) }
        return current
    }

    func configure(_ rules: LivenessRules, _ purge: RegistryMember.Purge) {
        thread.withLock { $0 }?.send(.configure(rules, purge))
    }

    /// Says that the agent is about to end.
    func leave() { thread.withLock { $0 }?.send(.leave) }

    /// Says that the agent has ended, waits until that is written or given up, and lets go of the registry.
    func end(gracefully: Bool) {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        thread.send(.end(gracefully: gracefully))
        thread.join()
    }

    // MARK: The thread

    private func turn(_ messages: [Message]) -> BootInstant? {
        for message in messages { take(message) }
        guard !work.hasEnded else {
            registry.close()
            for waiter in work.waiters { waiter.resume() }
            return nil
        }
        let effects = work.member.turn(
            registry,
            clock: { .nanoseconds(BootInstant.now.nanoseconds) },
            time: WallClock.milliseconds,
            using: &work.generator
        ) { [self] presence in
            presence.describe(listeners: listeners, problems: services.healthBoard.problems)
        }
        for effect in effects { obey(effect) }
        // What a fetch brought that was under way while the fence went up.
        if services.fence.isUp { wipeAll() }
        publish()
        for waiter in work.waiters { waiter.resume() }
        work.waiters.removeAll()
        return BootInstant(nanoseconds: work.member.nextTurn.nanoseconds)
    }

    private func take(_ message: Message) {
        let now = Duration.nanoseconds(BootInstant.now.nanoseconds)
        switch message {
        case .configure(let rules, let purge): work.member.configure(rules, purge)
        case .list(let waiter):
            work.waiters.append(waiter)
            let last = work.lastListing
            guard last.map({ BootInstant.now > $0.advanced(by: Self.listingPause) }) ?? true else { return }
            work.lastListing = .now
            work.member.wantListing()
        case .leave:
            work.member.leave(registry, at: now, time: WallClock.milliseconds)
            publish()
        case .end(let gracefully):
            work.member.end(registry, gracefully: gracefully, at: now, time: WallClock.milliseconds)
            work.hasEnded = true
            publish()
        }
    }

    private func obey(_ effect: Presence.Effect) {
        switch effect {
        case .fence(let reason):
            services.fence.raise()
            wipeAll()
            services.log.error(
                "the others may take this agent for dead: it hands out nothing until it is registered anew",
                metadata: ["reason": "\(reason)"]
            )
        case .resume:
            services.fence.lower()
            services.log.notice(
                "registered anew; serving again",
                metadata: ["instance": "\(work.member.presence.instance.id)"]
            )
        case .hurry: break
        }
    }

    private func wipeAll() { _ = services.resolver.cache.evict(tenant: nil, namespace: nil, key: nil) }

    private func publish() {
        let member = work.member
        let problem = member.presence.lastProblem
        let before = condition.withLock { condition -> String? in
            let before = condition.problem
            condition = Condition(
                instance: member.presence.instance,
                phase: member.presence.phase,
                lastWrite: member.presence.lastWrite.map { BootInstant(nanoseconds: $0.nanoseconds) },
                problem: problem,
                isCoordinator: member.isCoordinator,
                verdicts: member.verdictCount,
                listing: member.listing,
                listedAt: member.listedAt.map { BootInstant(nanoseconds: $0.nanoseconds) }
            )
            return before
        }
        // Once for a trouble, and not once a beat.
        if let problem, before == nil {
            services.log.error("the registry of nodes cannot be written", metadata: ["error": "\(problem)"])
        }
        if problem == nil, before != nil { services.log.notice("the registry of nodes is written again") }
    }
}

/// Names that are never given twice.
enum InstanceName {
    /// 128 random bits in 32 hexadecimal digits.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
