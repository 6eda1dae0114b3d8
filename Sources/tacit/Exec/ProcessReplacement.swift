// `environ` is a variable of C, which nothing guards: see below.
@unsafe @preconcurrency internal import CLinux
internal import Glibc
internal import SecretMemory

/// Becomes another program.
enum ProcessReplacement {
    /// Replaces this process by `command`, looked up in PATH, with `entries` added to the environment that it has.
    ///
    /// Sound: it is the last thing that the process does on its only busy thread, so nobody else looks at the environment; the
    /// strings that the blocks of pointers look at live until the kernel has copied them.
    ///
    /// - Returns: only where the system refused.
    static func execute(_ command: [String], adding entries: [EnvironmentEntry]) -> CommandFailure {
        let replaced = Set(entries.map(\.name))
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe []
        if var old = unsafe environ {
            while let entry = unsafe old.pointee {
                if unsafe !replaced.contains(name(of: entry)) { unsafe environment.append(entry) }
                unsafe old += 1
            }
        }
        for entry in entries {
            unsafe entry.bytes.value.withUnsafeBytes { bytes in
                let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                unsafe environment.append(start?.assumingMemoryBound(to: CChar.self))
            }
        }
        unsafe environment.append(nil)
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        guard let program = unsafe arguments[0] else { return refusal(command[0], ENOMEM) }
        InheritedState.restore()
        let code = unsafe environment.withUnsafeMutableBufferPointer { environment in
            unsafe environ = environment.baseAddress
            return withExtendedLifetime(entries) {
                unsafe execvp(program, arguments)
                return errno
            }
        }
        return refusal(command[0], code)
    }

    private static func name(of entry: UnsafeMutablePointer<CChar>) -> String {
        let end = unsafe strchr(entry, CInt(UInt8(ascii: "=")))
        let count = unsafe end.map { unsafe $0 - entry } ?? strlen(entry)
        return unsafe String(decoding: UnsafeRawBufferPointer(start: entry, count: count), as: UTF8.self)
    }

    private static func refusal(_ command: String, _ code: CInt) -> CommandFailure {
        switch code {
        case ENOENT: CommandFailure(ProcessEnd.notFound, "\(command): there is no such command")
        case E2BIG:
            CommandFailure(ProcessEnd.notExecutable, "\(command): the values are too large for an environment")
        default: CommandFailure(ProcessEnd.notExecutable, "\(command) cannot be executed: \(systemText(code))")
        }
    }
}
