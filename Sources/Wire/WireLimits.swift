/// The bounds of `tacit/1`. Those that an operator or a client may move are stored; the rest is fixed by the protocol.
package struct WireLimits: Equatable, Sendable {
    /// Most bytes in a frame's payload. At least 0, and below 2^31.
    package var payloadBytes: Int
    /// Most bytes in the payload of the first frame that a peer sends, before anything is known of how it behaves.
    package var firstPayloadBytes: Int
    /// Most requests that may be open on one connection.
    package var openRequests: Int

    /// 1 MiB a payload, 64 KiB for the first one, 256 open requests.
    package init(payloadBytes: Int = 1 << 20, firstPayloadBytes: Int = 64 << 10, openRequests: Int = 256) {
        precondition(payloadBytes >= 0 && payloadBytes < 1 << 31, "a payload's limit must fit the header")
        precondition(firstPayloadBytes >= 0, "a limit is not negative")
        self.payloadBytes = payloadBytes
        self.firstPayloadBytes = min(firstPayloadBytes, payloadBytes)
        self.openRequests = openRequests
    }

    /// Most references in one GetSecrets.
    package static let references = 64
    /// Most tags of a secret that is written.
    package static let tags = 64
    /// Most bytes that a PING carries, and that its PONG echoes.
    package static let pingBytes = 64
    /// How deep protobuf groups may be nested in a field that nobody knows: with the message itself a hundred levels,
    /// as in other decoders.
    package static let groupDepth = 99
}
