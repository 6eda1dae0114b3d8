internal import COpenSSL

/// What the callbacks of one call into OpenSSL tell the function that made the call. It lives on that function's
/// stack and is reached through the connection's application data, which is set for the length of the call only.
struct HandshakeNote {
    /// Who the peer is, once its certificate has been accepted.
    var identity: PeerIdentity?
    /// Why a callback ended the handshake.
    var refusal: HandshakeFailure?

    /// OpenSSL keeps index 0 for the application.
    private static let index: CInt = 0

    /// Runs `body` with the note attached to `ssl`.
    @unsafe
    static func attached<Result>(
        to ssl: OpaquePointer,
        _ body: () -> Result
    ) -> (note: HandshakeNote, result: Result) {
        var note = HandshakeNote()
        let result = unsafe withUnsafeMutablePointer(to: &note) { pointer in
            unsafe SSL_set_ex_data(ssl, index, pointer)
            defer { unsafe SSL_set_ex_data(ssl, index, nil) }
            return body()
        }
        return (note, result)
    }

    /// Changes the note that is attached to `ssl`, if there is one.
    @unsafe
    static func update(_ ssl: OpaquePointer?, _ body: (inout HandshakeNote) -> Void) {
        guard let data = unsafe SSL_get_ex_data(ssl, index) else { return }
        unsafe body(&data.assumingMemoryBound(to: HandshakeNote.self).pointee)
    }
}
