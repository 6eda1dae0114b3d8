import Foundation

@testable import TLS

/// An agent as a process of its own, for what signals do. Its manager is the environment, unless a test chooses another.
final class Program {
    /// The one secret.
    static let key = "GREETING"
    static let value = "hello"

    let workspace: Workspace
    let domain: Domain
    let unix: Endpoint
    private(set) var pid: pid_t
    private var status: Int32?

    /// A configuration, in the parts that a test may want to change.
    struct Configuration {
        var grants = [
            "{identity: '\(Domain.main)/*', tenant: main, service: '*', namespaces: ['company.**'], keys: ['*'], operations: [get]}"
        ]
        var denials: [String] = []
        var revocationList: String?
        var audit: String
        var limits = "{}"
        var memory = "{lock: preferred}"
        var health = "off"
        /// `kestra.secret`
        var secret = "{type: env}"
        /// Nil: one Unix socket in the workspace.
        var listeners: String?
        /// More lines, at the level of `tacit`'s keys.
        var more = ""
        /// More lines, at the level of `kestra`'s keys.
        var kestra = ""
    }

    var configuration: Configuration
    /// Who passes sockets to it and hears from it.
    let manager: ServiceManager?

    /// Starts it, and waits until it serves.
    convenience init(_ prepare: (inout Configuration, Domain) throws -> Void = { _, _ in }) throws {
        try self.init(managed: { _ in nil }, prepare)
    }

    /// Starts it under a service manager, and waits until it serves.
    ///
    /// - Parameter waits: false where it is not to come so far.
    init(
        managed: (Workspace) throws -> ServiceManager?,
        waits: Bool = true,
        _ prepare: (inout Configuration, Domain) throws -> Void = { _, _ in }
    ) throws {
        workspace = try Workspace()
        manager = try managed(workspace)
        domain = try Domain(in: workspace)
        try domain.issueAgent()
        unix = .unix(workspace.path("agent.sock"))
        configuration = Configuration(audit: workspace.path("audit.jsonl"))
        try prepare(&configuration, domain)
        try workspace.write(Self.text(configuration, workspace, domain), to: "agent.yaml")
        pid = try Self.spawn(["agent", "-c", "agent.yaml"], in: workspace.folder, under: manager)
        if waits { try waitUntilReady() }
    }

    /// Starts it again, after it has ended.
    func restart() throws {
        _ = hasEnded(0)
        status = nil
        // Or the words of the first one would be taken for those of the second.
        try FileManager.default.removeItem(atPath: workspace.path("log"))
        pid = try Self.spawn(["agent", "-c", "agent.yaml"], in: workspace.folder, under: manager)
        try waitUntilReady()
    }

    func waitUntilReady() throws {
        try waitUntil("the agent is ready", seconds: 60) {
            if hasEnded(WNOHANG) { throw Overdue("the agent ended: \(log)") }
            return log.contains("ready")
        }
    }

    deinit {
        if status == nil {
            kill(pid, SIGKILL)
            _ = hasEnded(0)
        }
    }

    /// The program that was built beside the tests.
    static func executable() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("tacit").path
    }

    /// Runs it.
    static func spawn(
        _ arguments: [String],
        in folder: String,
        errors: String = "log",
        under manager: ServiceManager? = nil
    ) throws -> pid_t {
        let program = try executable()
        // The shell's process becomes the agent's, so it knows the number that the sockets are for.
        let shell = "cd \"$0\"; export LISTEN_PID=$$; exec \"$@\" 2>\(errors) >output"
        let arguments = ["/bin/sh", "-c", shell, folder, program] + arguments
        let own = ProcessInfo.processInfo.environment
        var variables = ["PATH": "/usr/bin:/bin", "SECRET_\(key)": Data(value.utf8).base64EncodedString()]
        for name in ["ASAN_OPTIONS", "TSAN_OPTIONS"] { variables[name] = own[name] }
        variables.merge(manager?.variables ?? [:]) { $1 }
        let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let envp = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        // A test's thread may block signals, which a process that it starts is not to do.
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // From numbers high above, so that none is overwritten before it is copied.
        let passed = (manager?.sockets ?? []).map { fcntl($0, F_DUPFD_CLOEXEC, 200) }
        defer { for descriptor in passed { close(descriptor) } }
        for (index, descriptor) in passed.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, CInt(3 + index))
        }
        var pid = pid_t()
        guard unsafe posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp) == 0 else {
            throw Overdue("\(arguments[0]) cannot be run")
        }
        return pid
    }

    // MARK: Watching

    var log: String { workspace.text("log") }
    var trail: Trail { Trail(workspace.text("audit.jsonl")) }

    private func lines(_ text: String) -> Int { log.split(separator: "\n").count { $0.contains(text) } }

    private func hasEnded(_ options: Int32) -> Bool {
        if status != nil { return true }
        var raw: Int32 = 0
        guard unsafe waitpid(pid, &raw, options) == pid else { return false }
        status = raw
        return true
    }

    func callerContext(_ identity: String = Domain.worker) throws -> ClientContext {
        try ClientContext(files: domain.client(identity, as: "caller-\(UInt32.random(in: 0 ... .max))"))
    }

    func caller(_ identity: String = Domain.worker) throws -> Caller { try Caller(unix, callerContext(identity)) }

    // MARK: Signals

    /// Writes the configuration as it is now and has it read.
    ///
    /// - Parameter words: what the agent says when it is done.
    func reload(until words: String = "the configuration was loaded anew") throws {
        try workspace.write(Self.text(configuration, workspace, domain), to: "agent.yaml")
        let before = lines(words)
        kill(pid, SIGHUP)
        try waitUntil(words) { lines(words) > before }
    }

    /// Asks it to end.
    ///
    /// - Returns: its exit status; nil where a signal ended it.
    func end() throws -> Int32? {
        kill(pid, SIGTERM)
        return try awaitEnd()
    }

    /// Waits until it has ended by itself.
    func awaitEnd() throws -> Int32? {
        try waitUntil("the agent has ended", seconds: 60) { hasEnded(WNOHANG) }
        guard let status, status & 0x7f == 0 else { return nil }
        return status >> 8 & 0xff
    }

    static func text(_ configuration: Configuration, _ workspace: Workspace, _ domain: Domain) -> String {
        """
        tacit:
          node: tests
          listeners: \(configuration.listeners ?? "[{address: 'unix://\(workspace.path("agent.sock"))'}]")
          tls:
            certificate: \(workspace.path("agent.crt"))
            private-key: \(workspace.path("agent.key"))
            client-ca: '\(domain.certificate)'
            \(configuration.revocationList.map { "revocation-list: \($0)" } ?? "")
          policy:
            grants: [\(configuration.grants.joined(separator: ", "))]
            denials: [\(configuration.denials.joined(separator: ", "))]
          memory: \(configuration.memory)
          audit: {file: \(configuration.audit)}
          limits: \(configuration.limits)
          health: {address: "\(configuration.health)"}
          \(configuration.more)
        kestra:
          secret: \(configuration.secret)
          \(configuration.kestra)
        """ + "\n"
    }
}
