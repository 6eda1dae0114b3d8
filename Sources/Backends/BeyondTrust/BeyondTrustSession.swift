internal import HTTP
internal import SecretMemory
internal import Secrets

/// A session, which its cookies stand for: the server's own, and those of balancers in front of it.
final class BeyondTrustSession: Sendable {
    /// As they are sent: `NAME=VALUE; NAME=VALUE`.
    let cookies: SharedSecret
    /// The number of the user that signed in.
    let user: Int64

    init(cookies: SharedSecret, user: Int64) {
        self.cookies = cookies
        self.user = user
    }

    /// - Returns: nil where an answer sets none.
    static func cookies(of response: borrowing HTTPResponse) throws(BackendError) -> SharedSecret? {
        var text = SecretBuffer(limit: 16 << 10, account: .general)
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
