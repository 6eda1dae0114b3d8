import Foundation
import TacitClient

/// A running agent.
final class AgentProcess {
    /// How it is run.
    enum Manner {
        /// As in production.
        case ordinary
        /// Without memfd_secret(2), so that its locked memory can be seen from outside.
        case withoutSecretMemory
        /// Without secret memory and with all measures off.
        case unprotected
    }

    let pid: pid_t
    private let workspace: Workspace
    private var isOver = false

    /// - Parameter variables: its environment.
    init(_ program: String, in workspace: Workspace, _ variables: [String: String], _ manner: Manner) throws {
        self.workspace = workspace
        var words = [program, "agent", "-c", workspace.path("agent.yaml")]
        if manner != .ordinary { words = [Programs.searcher, "without-secret-memory"] + words }
        // Core files are allowed, so that it is the agent that forbids them.
        let shell = "ulimit -c unlimited; cd \"$0\"; exec \"$@\" 2>log >output"
        var variables = variables
        if manner == .unprotected { variables["TACIT_PROBE_MEASURES"] = "off" }
        pid = try Self.spawn(["/bin/sh", "-c", shell, workspace.folder] + words, variables.map { "\($0)=\($1)" })
        try waitUntilReady()
    }

    deinit {
        if !isOver {
            kill(pid, SIGKILL)
            _ = wait()
        }
    }

    private static func spawn(_ arguments: [String], _ environment: [String]) throws -> pid_t {
        var pid = pid_t()
        let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe (argv + envp).forEach { unsafe free($0) }
        }
        // A test's thread blocks signals, which a process that it starts is not to do.
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        guard unsafe posix_spawn(&pid, arguments[0], nil, &attributes, argv, envp) == 0 else {
            throw Programs.Failure("\(arguments[0]) cannot be run")
        }
        return pid
    }

    private func waitUntilReady() throws {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            var status: Int32 = 0
            if unsafe waitpid(pid, &status, WNOHANG) == pid {
                isOver = true
                let log = (try? String(contentsOfFile: workspace.path("log"), encoding: .utf8)) ?? ""
                throw Programs.Failure("the agent ended: \(log)")
            }
            if FileManager.default.fileExists(atPath: workspace.path("agent.sock")), try answers() { return }
            usleep(20_000)
        }
        throw Programs.Failure("the agent was not ready within a minute")
    }

    private func answers() throws -> Bool {
        var client = try TacitClient(workspace.options("worker", unix: true))
        return (try? client.ping()) != nil
    }

    /// Has the configuration loaded anew, secrets and all.
    func reload() throws {
        kill(pid, SIGHUP)
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let log = try String(contentsOfFile: workspace.path("log"), encoding: .utf8)
            if log.contains("the configuration was loaded anew") { return }
            usleep(20_000)
        }
        throw Programs.Failure("the agent did not load its configuration anew")
    }

    /// How a process ended.
    struct End: Equatable {
        let signal: Int32?
        let status: Int32?
        let hasDumpedCore: Bool
    }

    /// Sends a signal and waits for the end.
    func end(with signal: Int32) -> End {
        kill(pid, signal)
        return wait()
    }

    /// Waits for the end.
    func wait() -> End {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        isOver = true
        let signal = status & 0x7f
        return End(
            signal: signal == 0 ? nil : signal,
            status: signal == 0 ? status >> 8 & 0xff : nil,
            hasDumpedCore: status & 0x80 != 0
        )
    }
}
