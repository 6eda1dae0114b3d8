internal import Glibc

/// What a service manager such as systemd told the agent in its environment.
struct ServiceVariables: Equatable, Sendable {
    /// Where to send notices; nil where nobody wants any.
    var notifySocket: String?
    /// Without a sign of life for so many microseconds the agent is restarted; nil where nobody watches.
    var watchdogMicroseconds: UInt64?
    /// Sockets that were passed, from descriptor 3 on.
    var socketCount = 0
    /// What the passed sockets are called, for messages.
    var socketNames: [String] = []
    /// What was left alone, for the log.
    var warnings: [String] = []

    private static let names = [
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
    ]

    /// Reads the variables and takes them out of the environment: a program that the agent starts must not take them for its
    /// own.
    ///
    /// Call while the process has one thread: the C library does not guard its environment.
    static func take() throws(AgentFailure) -> ServiceVariables {
        var found: [String: String] = [:]
        for name in names {
            guard let text = unsafe getenv(name) else { continue }
            found[name] = unsafe String(cString: text)
            unsafe unsetenv(name)
        }
        return try ServiceVariables(found, pid: getpid())
    }

    /// - Parameter pid: this process, to which all of it must be addressed.
    /// - Throws: which variable cannot be read.
    init(_ variables: [String: String], pid: pid_t) throws(AgentFailure) {
        if let path = variables["NOTIFY_SOCKET"], !path.isEmpty {
            if path.hasPrefix("/") || path.hasPrefix("@") {
                notifySocket = path
            } else {
                warnings.append("NOTIFY_SOCKET is no Unix socket's address: nobody is told how the agent does")
            }
        }
        if let text = variables["WATCHDOG_USEC"], try isMeant("WATCHDOG_PID", in: variables, for: pid, orUnset: true) {
            guard let value = UInt64(text), value > 0 else {
                throw AgentFailure("WATCHDOG_USEC is \"\(text)\" and must be a number of microseconds, 1 or more")
            }
            watchdogMicroseconds = value
        }
        if let text = variables["LISTEN_FDS"], try isMeant("LISTEN_PID", in: variables, for: pid, orUnset: false) {
            guard let count = Int(text), count >= 0, count <= InheritedSockets.limit else {
                throw AgentFailure(
                    "LISTEN_FDS is \"\(text)\" and must be a number of sockets, 0 to \(InheritedSockets.limit)"
                )
            }
            socketCount = count
            socketNames =
                variables["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false)
                .map(String.init) ?? []
        }
    }

    private mutating func isMeant(
        _ name: String,
        in variables: [String: String],
        for pid: pid_t,
        orUnset: Bool
    ) throws(AgentFailure) -> Bool {
        guard let text = variables[name] else { return orUnset }
        guard let named = pid_t(text), named > 0 else {
            throw AgentFailure("\(name) is \"\(text)\" and must be the number of a process")
        }
        if named != pid {
            warnings.append("\(name) names process \(named) and this is \(pid): what belongs to it is left alone")
        }
        return named == pid
    }
}
