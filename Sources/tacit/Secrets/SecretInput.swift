internal import CLinux
internal import Glibc
internal import SecretMemory

/// Values from standard input, read straight into locked memory.
enum SecretInput {
    /// Bytes of the largest value.
    static let byteLimit = 1 << 20

    /// Reads to the end; or one line, which is not shown and whose line break is not part of it, where a person types.
    ///
    /// - Parameter prompt: goes to standard error.
    static func read(prompt: String) throws(CommandFailure) -> SecretBuffer {
        var value = SecretBuffer(limit: byteLimit + 1, account: .general)
        guard isatty(STDIN_FILENO) == 1 else {
            while try append(to: &value) > 0 {}
            return value
        }
        var terminal = try SilentTerminal(prompt: prompt)
        defer { terminal.restore() }
        while true {
            try terminal.waitForInput()
            guard try append(to: &value) > 0 else { return value }
            if value.bytes[value.count - 1] == UInt8(ascii: "\n") {
                value.removeLast(1)
                return value
            }
        }
    }

    /// - Returns: how many bytes came; 0 at the end.
    private static func append(to value: inout SecretBuffer) throws(CommandFailure) -> Int {
        let room = min(byteLimit + 1 - value.count, 64 << 10)
        while true {
            var count = 0
            var code: CInt = 0
            do throws(MemoryError) { try value.reserve(room) } catch {
                throw CommandFailure(ProcessEnd.usage, "there is no locked memory for the value")
            }
            do {
                unsafe try value.append(reserving: room) { free in
                    unsafe count = Glibc.read(STDIN_FILENO, free.baseAddress, room)
                    code = errno
                    return (written: max(0, count), result: ())
                }
            } catch {
                throw CommandFailure(ProcessEnd.usage, "there is no locked memory for the value")
            }
            if count < 0, code == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure(ProcessEnd.usage, "standard input cannot be read: \(systemText(code))")
            }
            guard value.count <= byteLimit else {
                throw CommandFailure(
                    ProcessEnd.usage,
                    "the value is larger than \(byteLimit) bytes, so nothing was stored"
                )
            }
            return count
        }
    }
}

/// A terminal that does not show what is typed. A signal that would end or stop the process finds it as it was before.
struct SilentTerminal: ~Copyable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

    private let prompt: String
    private var shown = termios()
    private var before = sigset_t()
    private var watched = sigset_t()
    private let descriptor: CInt

    init(prompt: String) throws(CommandFailure) {
        self.prompt = prompt
        unsafe sigemptyset(&watched)
        for number in Self.signals { unsafe sigaddset(&watched, number) }
        descriptor = unsafe signalfd(-1, &watched, CInt(SFD_CLOEXEC | SFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw CommandFailure(ProcessEnd.usage, "signals cannot be watched: \(systemText(errno))")
        }
        begin()
    }

    deinit { close(descriptor) }

    /// Waits until a line was typed. A signal that arrives is let through, with the terminal put right.
    mutating func waitForInput() throws(CommandFailure) {
        while true {
            let events = Int16(POLLIN)
            var entries = [
                pollfd(fd: STDIN_FILENO, events: events, revents: 0),
                pollfd(fd: descriptor, events: events, revents: 0),
            ]
            let ready = unsafe poll(&entries, 2, -1)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw CommandFailure(ProcessEnd.usage, "standard input cannot be waited for") }
            guard entries[1].revents != 0 else { return }
            restore()
            // Here the process ends or stops. Where it goes on, it asks again.
            begin()
        }
    }

    /// Shows again what is typed.
    mutating func restore() {
        unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
        StandardError.write("")
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    private mutating func begin() {
        unsafe pthread_sigmask(SIG_BLOCK, &watched, &before)
        unsafe tcgetattr(STDIN_FILENO, &shown)
        var silent = shown
        silent.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        StandardError.write(prompt, terminator: "")
    }
}
