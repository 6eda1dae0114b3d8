/// Where things stand in an envelope of format 1: a header of fixed size, the ciphertext, the tag.
package enum EnvelopeLayout {
    /// `SAE` and the format's number.
    static let magic: [UInt8] = [0x53, 0x41, 0x45, 1]
    /// HKDF-SHA-256, AES-256-GCM, 12-byte nonce, 16-byte tag, key commitment.
    static let suite: UInt8 = 1

    static let suiteOffset = 4
    static let identifier = 5..<13
    static let salt = 13..<45
    static let commitment = 45..<77
    static let nonce = 77..<89
    static let headerBytes = 89
    static let tagBytes = 16

    /// Bytes that an envelope is longer than its value.
    package static let overhead = headerBytes + tagBytes
    /// Bytes of the largest value.
    package static let maximumValueBytes = 1 << 20

    /// The identifier of the secret that `envelope` was sealed under.
    ///
    /// - Throws: ``EnvelopeError/malformed`` where these bytes are no envelope of this format.
    package static func keyIdentifier(of envelope: Span<UInt8>) throws(EnvelopeError) -> KeyIdentifier {
        guard envelope.count >= overhead, envelope.count <= overhead + maximumValueBytes else { throw .malformed }
        for index in magic.indices where envelope[index] != magic[index] { throw .malformed }
        guard envelope[suiteOffset] == suite else { throw .malformed }
        return KeyIdentifier(envelope.extracting(identifier))
    }
}
