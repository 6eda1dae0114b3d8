internal import HTTP
internal import SecretMemory
internal import Secrets

/// The cookies of a session: the server's own, and those of balancers in front of it.
enum SessionCookies {
    /// Most bytes of all of them.
    static let maximumBytes = 16 << 10

    /// Those that an answer sets, as they are sent back: `NAME=VALUE; NAME=VALUE`.
    ///
    /// - Returns: nil where it sets none.
    static func read(_ response: borrowing HTTPResponse) throws(BackendError) -> SharedSecret? {
        var text = SecretBuffer(limit: maximumBytes, account: .general)
        var failure: MemoryError?
        response.forEachSecretHeader("Set-Cookie") { line in
            // What follows the first semicolon is for browsers.
            var end = 0
            while end < line.count, line[end] != UInt8(ascii: ";") { end += 1 }
            do throws(MemoryError) {
                if !text.isEmpty { try text.append("; ".utf8Span.span) }
                try text.append(line.extracting(0..<end))
            } catch { failure = error }
        }
        if let failure { throw .memory(failure) }
        guard !text.isEmpty else { return nil }
        do throws(MemoryError) {
            return SharedSecret(try SecretBytes(copying: text.bytes, account: .general))
        } catch {
            throw .memory(error)
        }
    }
}
