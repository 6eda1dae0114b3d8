internal import Glibc

/// For values and data, and for nothing else. Bytes go straight from where they lie to the system.
enum StandardOutput {
    /// Whether a person is looking.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes all of `bytes`.
    static func write(_ bytes: Span<UInt8>) throws(CommandFailure) {
        var written = 0
        while written < bytes.count {
            let (count, code) = unsafe bytes.extracting(droppingFirst: written).withUnsafeBufferPointer { rest in
                let count = unsafe Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
                return (count, errno)
            }
            if count < 0, code != EINTR {
                throw CommandFailure(ProcessEnd.usage, "standard output cannot be written: \(systemText(code))")
            }
            written += max(0, count)
        }
    }

    /// Writes what is no secret.
    static func write(_ text: String) throws(CommandFailure) {
        try write(text.utf8Span.span)
    }
}
