import Glibc

/// A program that runs beside this one, and never longer.
final class ChildProcess {
    let pid: pid_t
    private var isOver = false

    /// - Parameter log: a file for what it prints; nil for nowhere.
    init(_ arguments: [String], environment: [String] = [], log: String? = nil) throws {
        var pid = pid_t()
        let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer {
            unsafe (argv + envp).forEach { unsafe free($0) }
            unsafe posix_spawn_file_actions_destroy(&actions)
        }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, log ?? "/dev/null", flags, 0o600)
        }
        let code = unsafe posix_spawn(&pid, arguments[0], &actions, nil, argv, envp)
        guard code == 0 else { throw Failure("\(arguments[0]) cannot be run: errno \(code)") }
        self.pid = pid
    }

    deinit { end(with: SIGKILL) }

    /// Whether it has ended by itself.
    var hasEnded: Bool {
        if !isOver {
            var status: CInt = 0
            isOver = unsafe waitpid(pid, &status, WNOHANG) == pid
        }
        return isOver
    }

    /// Sends a signal and waits for the end.
    func end(with signal: CInt = SIGTERM) {
        guard !isOver else { return }
        kill(pid, signal)
        var status: CInt = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        isOver = true
    }
}
