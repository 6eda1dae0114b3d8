internal import COpenSSL
package import SecretMemory

/// The secret that new envelopes are sealed under, and older ones that still open what was sealed before.
package struct EnvelopeKeyring: Sendable {
    /// Bytes that a secret must have at least.
    package static let minimumSecretBytes = 32

    /// Why a keyring was refused. The place counts from 0, the current secret; the next one has the last.
    package enum Refusal: Error, Equatable, Sendable {
        /// The secret has fewer than ``EnvelopeKeyring/minimumSecretBytes`` bytes.
        case tooShort(place: Int)
        /// The same secret stands at both places.
        case duplicate(place: Int, of: Int)
        /// Nothing could be derived.
        case failed(EnvelopeError)
    }

    private let keys: [EnvelopeKey]
    /// How many of the keys, after the first, are of previous secrets.
    private let previousCount: Int

    /// - Parameters:
    ///   - current: seals and opens; used as it is, without decoding or trimming.
    ///   - previous: open only; what was sealed under them is to be sealed again.
    ///   - next: opens only, too: others may have begun to seal under it.
    package init(current: SharedSecret, previous: [SharedSecret] = [], next: SharedSecret? = nil) throws(Refusal) {
        var keys: [EnvelopeKey] = []
        for (place, secret) in ([current] + previous + [next].compactMap(\.self)).enumerated() {
            guard secret.value.count >= Self.minimumSecretBytes else { throw .tooShort(place: place) }
            let key: EnvelopeKey
            do throws(EnvelopeError) { key = try EnvelopeKey(secret) } catch { throw .failed(error) }
            if let same = keys.firstIndex(where: { $0.identifier == key.identifier }) {
                throw .duplicate(place: place, of: same)
            }
            keys.append(key)
        }
        self.keys = keys
        previousCount = previous.count
    }

    /// The identifier that new envelopes carry.
    package var currentIdentifier: KeyIdentifier { keys[0].identifier }

    /// The identifiers of what is to be sealed again.
    package var previousIdentifiers: [KeyIdentifier] { keys.dropFirst().prefix(previousCount).map(\.identifier) }

    /// What is wrong with the secrets although they are long enough. To be shown to the operator.
    package var weaknesses: [SecretWeakness] {
        keys.enumerated().flatMap { place, key in
            SecretWeakness.find(in: key, place: place > previousCount ? SecretWeakness.nextPlace : place)
        }
    }

    // MARK: Sealing

    /// Encrypts `value` so that it opens for `context` alone.
    ///
    /// - Returns: the envelope, ``EnvelopeLayout/overhead`` bytes longer than the value. It is not a secret.
    package func seal(_ value: Span<UInt8>, for context: EnvelopeContext) throws(EnvelopeError) -> [UInt8] {
        try seal(
            value,
            for: context,
            salt: Self.random(EnvelopeLayout.salt.count),
            nonce: Self.random(EnvelopeLayout.nonce.count)
        )
    }

    /// As above, with a salt and nonce that must never be used a second time.
    func seal(
        _ value: Span<UInt8>,
        for context: EnvelopeContext,
        salt: [UInt8],
        nonce: [UInt8]
    ) throws(EnvelopeError) -> [UInt8] {
        guard value.count <= EnvelopeLayout.maximumValueBytes else {
            throw .tooLarge(limit: EnvelopeLayout.maximumValueBytes)
        }
        let current = keys[0]
        let commitment = try current.commitment(salt: salt)
        var envelope: [UInt8] = []
        envelope.reserveCapacity(EnvelopeLayout.overhead + value.count)
        envelope += EnvelopeLayout.magic
        envelope.append(EnvelopeLayout.suite)
        envelope += current.identifier.bytes
        envelope += salt
        for index in commitment.bytes.indices { envelope.append(commitment.bytes[index]) }
        envelope += nonce
        var authenticated = envelope
        context.append(to: &authenticated)
        envelope.append(contentsOf: repeatElement(0, count: value.count + EnvelopeLayout.tagBytes))
        let key = try current.encryptionKey(salt: salt)
        do throws(CryptographyError) {
            try AESGCM.encrypt(value, key: key, nonce: nonce, authenticated: authenticated, into: &envelope)
        } catch {
            throw .library(error)
        }
        return envelope
    }

    // MARK: Opening

    /// Decrypts an envelope that was sealed for `context`.
    ///
    /// - Returns: the value, in locked memory from its first byte on; the caller owns it.
    package func open(
        _ envelope: Span<UInt8>,
        for context: EnvelopeContext,
        account: MemoryAccount = .values
    ) throws(EnvelopeError) -> SecretBytes {
        let identifier = try EnvelopeLayout.keyIdentifier(of: envelope)
        guard let key = keys.first(where: { $0.identifier == identifier }) else { throw .unknownKey(identifier) }
        let salt = Self.copy(envelope.extracting(EnvelopeLayout.salt))
        let commitment = try key.commitment(salt: salt)
        guard Self.equal(commitment, envelope.extracting(EnvelopeLayout.commitment)) else { throw .keyMismatch }
        var authenticated = Self.copy(envelope.extracting(0..<EnvelopeLayout.headerBytes))
        context.append(to: &authenticated)
        return try AESGCM.decrypt(
            envelope.extracting(droppingFirst: EnvelopeLayout.headerBytes),
            key: key.encryptionKey(salt: salt),
            nonce: Self.copy(envelope.extracting(EnvelopeLayout.nonce)),
            authenticated: authenticated,
            account: account
        )
    }

    /// Whether `envelope` was sealed under a previous secret, and is to be sealed again.
    package func isUnderPrevious(_ envelope: Span<UInt8>) throws(EnvelopeError) -> Bool {
        previousIdentifiers.contains(try EnvelopeLayout.keyIdentifier(of: envelope))
    }

    private static func random(_ byteCount: Int) throws(EnvelopeError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let done = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe RAND_bytes(buffer.baseAddress, CInt(buffer.count))
        }
        guard done == 1 else { throw .library(.draining("RAND_bytes")) }
        return bytes
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        [UInt8](capacity: bytes.count) { output in
            output.append(contentsOf: bytes)
        }
    }

    /// In a time that does not depend on where they differ.
    private static func equal(_ one: borrowing SecretBytes, _ other: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        return unsafe one.withUnsafeBytes { one in
            unsafe other.withUnsafeBufferPointer { other in
                unsafe CRYPTO_memcmp(one.baseAddress, other.baseAddress, other.count) == 0
            }
        }
    }
}
