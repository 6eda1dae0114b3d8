import Configuration
import EventLoop
import Foundation
import Liveness
import SecretMemory
import Synchronization

@testable import Agent
@testable import Secrets
@testable import TLS

/// The parts of an agent, put together as ``Agent`` does it, with bounds and a manager that the test chooses. It listens on
/// a Unix socket and on TCP.
final class Node: Sendable {
    /// What a test may want otherwise.
    struct Choices {
        var limits = AgentLimits()
        var grants: [PolicyRule] = []
        var denials: [PolicyRule] = []
        var isolation = Isolation.off
        var cache = CachePolicy()
        var revocationList: String?
        /// Nil: in the workspace.
        var auditFile: String?
        var isAuditRequired = true
        var loops = 2
        /// By what clients are judged that say nothing about it.
        var liveness = LivenessRules()
    }

    let workspace: Workspace
    let domain: Domain
    let backend = CountedBackend()
    let log = Recorded<String>()
    let unix: Endpoint
    let tcp: Endpoint
    let audit: AuditTrail
    let loops: [ConnectionLoop]
    let door: HandshakeLoop
    let services: Services
    private let judge: ClientJudge
    /// Not started, so that a test looks when it wants to.
    let health: HealthCollector
    private let reaper: Reaper
    private let resolver: SecretResolver
    private let threads: [ThreadBox]
    private let snapshot: Mutex<Snapshot>
    private let auditFile: String
    private let generation = Atomic<UInt64>(1)

    private init(_ workspace: Workspace, _ domain: Domain, _ choices: Choices) throws {
        self.workspace = workspace
        self.domain = domain
        auditFile = choices.auditFile ?? workspace.path("audit.jsonl")
        audit = try AuditTrail(
            log: AuditLog(path: auditFile, node: "tests"),
            isRequired: choices.isAuditRequired
        )
        let cache = Cache(bounds: CacheBounds())
        resolver = SecretResolver(cache: cache)
        let services = Services(
            node: "tests",
            resolver: resolver,
            audit: audit,
            clients: ClientRegistry(defaults: choices.liveness),
            log: log.logger
        )
        self.services = services
        var files = try domain.issueAgent()
        files.revocationList = choices.revocationList
        let scope = Scope(
            id: 1,
            name: "default",
            type: "counted",
            backend: backend,
            cache: choices.cache,
            isolation: choices.isolation
        )
        let first = Snapshot(
            policy: try Self.policy(choices, generation: 1),
            scopes: ScopeTable([scope]),
            context: try ServerContext(files: files)
        )
        snapshot = Mutex(first)
        let listeners = try Self.listeners(workspace)
        unix = .unix(workspace.path("agent.sock"))
        guard case .tcp(let address) = listeners[1].listener.address else { throw Overdue("no TCP listener") }
        tcp = .tcp(address.port)
        let limits = choices.limits
        let loops = try (0..<choices.loops).map { number in
            try ConnectionLoop(number: number, services: services, limits: limits, snapshot: first)
        }
        self.loops = loops
        let door = try HandshakeLoop(
            services: services,
            limits: limits,
            snapshot: first,
            listeners: listeners,
            loops: loops
        )
        self.door = door
        services.loopInboxes.withLock { $0 = loops.map(\.inbox) }
        judge = try ClientJudge(services)
        reaper = try Reaper(cache: cache)
        let health = try HealthCollector(
            services: services,
            loops: loops,
            door: door,
            reaper: reaper,
            hardening: Hardening.Report(),
            snapshot: first,
            listening: listeners.map { "\($0.listener.address)" }
        )
        self.health = health
        // Weakly, or a node would hold itself for good.
        services.healthBoard.set { [weak health] in health?.report() ?? HealthReport(parts: []) }
        try audit.start()
        try reaper.start()
        var threads: [ThreadBox] = []
        for loop in loops { threads.append(ThreadBox(try DedicatedThread(name: "tests-loop") { loop.run() })) }
        threads.append(ThreadBox(try DedicatedThread(name: "tests-door") { door.run() }))
        self.threads = threads
    }

    /// Runs `body` beside an agent, and sees afterwards that it still serves a good client.
    ///
    /// - Parameters:
    ///   - prepare: chooses; the domain is there already, so that it can issue what is refused.
    ///   - servesAfterwards: false where the test itself leaves the agent unable to.
    static func run(
        servesAfterwards: Bool = true,
        _ prepare: (inout Choices, Domain) throws -> Void = { _, _ in },
        _ body: (Node) throws -> Void
    ) throws {
        signal(SIGPIPE, SIG_IGN)
        let workspace = try Workspace()
        let domain = try Domain(in: workspace)
        var choices = Choices()
        choices.grants = [try worker(), try operators()]
        try prepare(&choices, domain)
        let node = try Node(workspace, domain, choices)
        defer { node.stop() }
        try body(node)
        guard servesAfterwards else { return }
        var good = try node.caller(Domain.worker)
        guard try good.get("AFTERWARDS").value() == "AFTERWARDS" else { throw Overdue("no good answer afterwards") }
    }

    private static func listeners(_ workspace: Workspace) throws -> [HandshakeLoop.ListenerBox] {
        var unix = ListenerSettings()
        unix.address = .unix(workspace.path("agent.sock"))
        var tcp = ListenerSettings()
        tcp.address = .tcp(HostAndPort(host: "127.0.0.1", port: 0))
        return [HandshakeLoop.ListenerBox(try Listener(unix)), HandshakeLoop.ListenerBox(try Listener(tcp))]
    }

    func stop() {
        backend.release()
        door.inbox.send(.stop)
        for loop in loops { loop.inbox.send(.stop) }
        for thread in threads { thread.join() }
        judge.stop()
        reaper.stop()
        _ = resolver.cache.evict(tenant: nil, namespace: nil, key: nil)
        audit.stop()
    }

    // MARK: Asking

    /// A client of this identity.
    func context(_ identity: String) throws -> ClientContext {
        try ClientContext(files: domain.client(identity, as: "caller-\(UInt32.random(in: 0 ... .max))"))
    }

    func caller(_ identity: String, over endpoint: Endpoint? = nil) throws -> Caller {
        try Caller(endpoint ?? unix, context(identity))
    }

    var trail: Trail { Trail((try? String(contentsOfFile: auditFile, encoding: .utf8)) ?? "") }

    /// Connections that are open now.
    var connections: Int { loops.reduce(0) { $0 + $1.metrics.connections.load(ordering: .relaxed) } }

    /// Requests that wait for the manager.
    var pending: Int { loops.reduce(0) { $0 + $1.metrics.pending.load(ordering: .relaxed) } }

    // MARK: Changing

    /// Puts other rules in force, as a reload does.
    func replacePolicy(grants: [PolicyRule], denials: [PolicyRule] = []) throws {
        let policy = Policy(
            grants: grants,
            denials: denials,
            generation: generation.add(1, ordering: .relaxed).newValue
        )
        install(snapshot.withLock { Snapshot(policy: policy, scopes: $0.scopes, context: $0.context) })
    }

    private func install(_ new: Snapshot) {
        snapshot.withLock { $0 = new }
        health.note(new)
        door.inbox.send(.replace(new))
        for loop in loops { loop.inbox.send(.replace(new)) }
    }

    /// Tells everybody to go, as a stop does.
    func drain() {
        door.inbox.send(.drain)
        for loop in loops { loop.inbox.send(.drain) }
    }
}
