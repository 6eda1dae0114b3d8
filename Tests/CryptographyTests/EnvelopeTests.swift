import SecretMemory
import Testing

@testable import Cryptography

/// The sample secret of the public documentation, which the published vectors were made with.
private let sample = "a-secure-32-character-minimum-key"
private let plaintext = Array("correct horse".utf8)
private let salt = [UInt8](0..<32)
private let nonce = [UInt8](0xa0...0xab)

private func secret(_ text: String) throws -> SharedSecret {
    SharedSecret(try SecretBytes(copying: Array(text.utf8).span))
}

private func keyring(_ current: String = sample, previous: [String] = []) throws -> EnvelopeKeyring {
    try EnvelopeKeyring(current: secret(current), previous: previous.map { try secret($0) })
}

/// Values in these tests are published samples, so they may be looked at.
private func text(_ value: borrowing SecretBytes) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<value.count { bytes.append(value.bytes[index]) }
    return bytes
}

private func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
}

/// The error of opening, or nil where it opened.
private func refusal(
    _ envelope: [UInt8],
    _ context: EnvelopeContext,
    _ keyring: EnvelopeKeyring
) -> EnvelopeError? {
    do throws(EnvelopeError) {
        _ = try keyring.open(envelope.span, for: context)
        return nil
    } catch {
        return error
    }
}

struct Vector: Sendable, CustomTestStringConvertible {
    let context: EnvelopeContext
    let plaintext: [UInt8]
    let sealed: String
    var testDescription: String { context.key }
}

private let header =
    "5341450101c19fe1cc9d6df869000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    + "7496dfcffbab71374bc1001b0039f6b724cbec8251d387cde91016bd96ebc08ea0a1a2a3a4a5a6a7a8a9aaab"

private let vectors = [
    Vector(
        context: EnvelopeContext(tenant: "main", namespace: "company.team", key: "DB_PASSWORD", version: 1),
        plaintext: plaintext,
        sealed: "8988c18d42b03f9421b589e1e4d5fa8f14fe1440a055fa5ae7bf6fea59"
    ),
    Vector(
        context: EnvelopeContext(tenant: "", namespace: "company.team", key: "EMPTY", version: 7),
        plaintext: [],
        sealed: "ddfdd8727e8c94efb83bdc012b1e1475"
    ),
    Vector(
        context: EnvelopeContext(tenant: "t\u{e9}nant", namespace: "a.b", key: "K", version: 1 << 32),
        plaintext: [0x70, 0xc3, 0xa4, 0x73, 0x73, 0x0a],
        sealed: "9a24178c54d95d312cbf7cf2706df38582161b9cfe34"
    ),
]

@Suite("Envelope")
struct EnvelopeTests {
    @Test("published vectors seal to the published bytes, and open", arguments: vectors)
    func publishedVectors(vector: Vector) throws {
        let keyring = try keyring()
        let envelope = try keyring.seal(vector.plaintext.span, for: vector.context, salt: salt, nonce: nonce)
        #expect(envelope == bytes(hex: header + vector.sealed))
        #expect(text(try keyring.open(envelope.span, for: vector.context)) == vector.plaintext)
    }

    @Test("the identifier is derived from the secret alone")
    func identifier() throws {
        #expect(try keyring().currentIdentifier.description == "c19fe1cc9d6df869")
    }

    @Test("no flipped bit opens, and each region of the header has its own refusal")
    func flippedBits() throws {
        let keyring = try keyring()
        let vector = vectors[0]
        let envelope = bytes(hex: header + vector.sealed)
        var counts = [0, 0, 0, 0]
        for bit in 0..<(envelope.count * 8) {
            var altered = envelope
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            switch refusal(altered, vector.context, keyring) {
            case .malformed: counts[0] += 1
            case .unknownKey: counts[1] += 1
            case .keyMismatch: counts[2] += 1
            case .tampered: counts[3] += 1
            default: Issue.record("bit \(bit) was not refused as it should be")
            }
        }
        #expect(counts == [40, 64, 512, 328])
    }

    @Test("no truncation and no extension opens")
    func lengths() throws {
        let keyring = try keyring()
        let vector = vectors[0]
        let envelope = bytes(hex: header + vector.sealed)
        for count in 0..<envelope.count {
            let expected: EnvelopeError = count < EnvelopeLayout.overhead ? .malformed : .tampered
            #expect(refusal(Array(envelope.prefix(count)), vector.context, keyring) == expected)
        }
        #expect(refusal(envelope + [0], vector.context, keyring) == .tampered)
    }

    @Test(
        "an envelope opens for its own tenant, namespace, key and version only",
        arguments: [
            EnvelopeContext(tenant: "mai", namespace: "ncompany.team", key: "DB_PASSWORD", version: 1),
            EnvelopeContext(tenant: "main", namespace: "company", key: "DB_PASSWORD", version: 1),
            EnvelopeContext(tenant: "main", namespace: "company.team", key: "DB_PASSWORD2", version: 1),
            EnvelopeContext(tenant: "main", namespace: "company.team", key: "DB_PASSWORD", version: 2),
        ]
    )
    func otherContexts(context: EnvelopeContext) throws {
        #expect(refusal(bytes(hex: header + vectors[0].sealed), context, try keyring()) == .tampered)
    }

    @Test("a previous secret opens, the current one seals, a removed one is named")
    func rotation() throws {
        let context = vectors[0].context
        let value = plaintext
        let next = "Qm1vbZp8Kx2Lw4Rt6Yu0Ns3Df5Gh7Jk9Ac"
        let old = try keyring().seal(value.span, for: context)
        let both = try keyring(next, previous: [sample])
        #expect(text(try both.open(old.span, for: context)) == vectors[0].plaintext)
        let isOldOne = try both.isUnderPrevious(old.span)
        #expect(isOldOne)
        let new = try both.seal(value.span, for: context)
        let isNewOne = try both.isUnderPrevious(new.span)
        #expect(!isNewOne)
        let removed = KeyIdentifier(rawValue: 0xc19f_e1cc_9d6d_f869)
        #expect(refusal(old, context, try keyring(next)) == .unknownKey(removed))
    }

    @Test("the next secret opens, is none of those whose values are to be sealed again, and is named as what it is")
    func next() throws {
        let context = vectors[0].context
        let names = ["Qm1vbZp8Kx2Lw4Rt6Yu0Ns3Df5Gh7Jk9Ac", "Zx8cVb5nMa3sDf6gHj9kLq2wEr4tYu7iOp"]
        let ring = try EnvelopeKeyring(
            current: secret(names[0]),
            previous: [secret(names[1])],
            next: secret(sample)
        )
        let sealed = try keyring().seal(plaintext.span, for: context)
        #expect(text(try ring.open(sealed.span, for: context)) == vectors[0].plaintext)
        #expect(ring.previousIdentifiers == [try keyring(names[1]).currentIdentifier])
        let isOfNext = try ring.isUnderPrevious(sealed.span)
        #expect(!isOfNext)
        #expect(ring.weaknesses.map(\.place) == [SecretWeakness.nextPlace])
        #expect(ring.weaknesses[0].description.hasPrefix("the next secret is the sample"))
        #expect(throws: EnvelopeKeyring.Refusal.duplicate(place: 2, of: 0)) {
            try EnvelopeKeyring(current: secret(names[0]), previous: [secret(names[1])], next: secret(names[0]))
        }
    }

    @Test("two envelopes of one value share no salt, no nonce and no ciphertext")
    func freshness() throws {
        let keyring = try keyring()
        let value = plaintext
        var salts: Set<[UInt8]> = []
        for _ in 0..<200 {
            let envelope = try keyring.seal(value.span, for: vectors[0].context)
            salts.insert(Array(envelope[EnvelopeLayout.salt]))
            salts.insert(Array(envelope[EnvelopeLayout.nonce]))
            salts.insert(Array(envelope[EnvelopeLayout.headerBytes...]))
        }
        #expect(salts.count == 600)
    }

    @Test("a value of the largest size round-trips, one byte more is refused")
    func largest() throws {
        let keyring = try keyring()
        let value = [UInt8](repeating: 7, count: EnvelopeLayout.maximumValueBytes)
        let envelope = try keyring.seal(value.span, for: vectors[0].context)
        #expect(envelope.count == value.count + 105)
        let opened = try keyring.open(envelope.span, for: vectors[0].context)
        #expect(text(opened) == value)
        #expect(throws: EnvelopeError.tooLarge(limit: EnvelopeLayout.maximumValueBytes)) {
            try keyring.seal((value + [7]).span, for: vectors[0].context)
        }
    }
}

@Suite("Keyring")
struct EnvelopeKeyringTests {
    @Test("a secret of 31 bytes is refused by its place, 32 are enough")
    func lengths() throws {
        let good = "0123456789abcdefghijklmnopqrstuv"
        _ = try keyring(good)
        #expect(throws: EnvelopeKeyring.Refusal.tooShort(place: 0)) { try keyring(String(good.dropLast())) }
        #expect(throws: EnvelopeKeyring.Refusal.tooShort(place: 1)) { try keyring(good, previous: ["short"]) }
        #expect(throws: EnvelopeKeyring.Refusal.duplicate(place: 2, of: 0)) {
            try keyring(good, previous: [sample, good])
        }
    }

    @Test("the documented sample and a repeated character are called weak, a random secret is not")
    func weaknesses() throws {
        let random = "kN2v8Qx1Zr7Tb4Lm9Wc6Yd3Hf5Jg0PsAe"
        #expect(try keyring(random).weaknesses.isEmpty)
        #expect(try keyring().weaknesses.map(\.kind) == [.published])
        let flat = String(repeating: "ab", count: 16)
        let found = try keyring(random, previous: [flat]).weaknesses
        #expect(found.map(\.kind) == [.fewDistinctCharacters(count: 2)])
        #expect(found.map(\.place) == [1])
        #expect(found.allSatisfy { !$0.description.contains(flat) })
    }
}
