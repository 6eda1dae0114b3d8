internal import COpenSSL

/// OpenSSL's queue of errors, one for each thread. Left-overs of one call would be taken for the outcome of the next,
/// so each failure empties it.
enum ErrorQueue {
    /// Takes all reasons out, oldest first, without repeats.
    static func drain() -> [String] {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { return reasons }
            let reason = text(of: code)
            if !reasons.contains(reason) { reasons.append(reason) }
        }
    }

    /// Forgets all reasons. Mostly there are none, and to look is cheaper than to empty each place of the queue.
    static func clear() { if ERR_peek_error() != 0 { ERR_clear_error() } }

    /// OpenSSL's words for an error, or its number where it has none.
    static func text(of code: UInt) -> String {
        guard let text = unsafe ERR_reason_error_string(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
