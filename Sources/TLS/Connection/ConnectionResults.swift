package import SecretMemory

/// How far a handshake is.
package enum HandshakeProgress: Sendable, Equatable {
    case done
    /// Call again when the socket can be read.
    case wantsRead
    /// Call again when the socket can be written.
    case wantsWrite
    /// It is over; an alert was sent where there is one that fits.
    case failed(HandshakeFailure)
}

/// What a read brought.
package enum ReadResult: Sendable, Equatable {
    /// This many bytes were appended.
    case bytes(Int)
    case wantsRead
    case wantsWrite
    /// The peer will send no more. Whether that was a good moment is for the framing to say.
    case closed
    /// The buffer, or the arena, has no room for so many bytes; nothing was read and the connection lives.
    case noRoom(MemoryError)
    case failed(ConnectionFailure)
}

/// What a write did.
package enum WriteResult: Sendable, Equatable {
    /// This many bytes are on their way; it may be fewer than were given.
    case bytes(Int)
    case wantsRead
    case wantsWrite
    case closed
    case failed(ConnectionFailure)
}

/// Why an established connection is of no more use.
package enum ConnectionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer ended it. With TLS 1.3 a client learns here, and not in its handshake, that its certificate was
    /// refused.
    case alert(Alert)
    /// The socket failed, with this errno.
    case system(CInt)
    /// The peer broke the protocol, or there was no memory; OpenSSL's words.
    case other(String)

    package var description: String {
        switch self {
        case .alert(let alert): "the peer ended the connection: \(alert)"
        case .system(let code): "the socket failed: \(systemText(code))"
        case .other(let text): "TLS failed: \(text)"
        }
    }
}
