internal import CLinux

/// Gives pages of code back once the loops have fallen silent: a handshake or a manager's client runs through far more of the
/// program than an idle agent does, and the kernel maps what lies around it too. Whoever comes next has them mapped again from
/// the file.
struct CodePages {
    private var lastTurns: UInt64?
    private var isReleased = false

    /// To be called now and then; silence is when nothing was done from one call to the next.
    ///
    /// - Parameter turns: turns of all loops in which something was done.
    mutating func look(turns: UInt64) {
        guard turns == lastTurns else {
            lastTurns = turns
            isReleased = false
            return
        }
        guard !isReleased else { return }
        isReleased = true
        linux_release_code_pages()
    }
}
