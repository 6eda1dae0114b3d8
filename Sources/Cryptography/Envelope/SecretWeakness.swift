internal import SecretMemory

/// Why a long enough secret may be guessed all the same. Says nothing of the secret but what is named here.
package struct SecretWeakness: Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// So few different characters that it was hardly made by chance.
        case fewDistinctCharacters(count: Int)
        /// The sample that stands in public documentation.
        case published
    }

    /// Different characters below which a secret is called weak.
    package static let distinctCharacters = 10

    /// The place of the next secret.
    package static let nextPlace = -1

    /// Which secret: 0 for the current one, then the previous ones in order; or ``nextPlace``.
    package let place: Int
    package let kind: Kind

    package var description: String {
        let which =
            switch place {
            case 0: "the secret"
            case Self.nextPlace: "the next secret"
            default: "previous secret \(place)"
            }
        return switch kind {
        case .fewDistinctCharacters(let count):
            "\(which) has only \(count) different characters; make one with: openssl rand -base64 32"
        case .published:
            "\(which) is the sample of the public documentation; make one with: openssl rand -base64 32"
        }
    }

    /// The identifier of the documented sample secret.
    private static let publishedSample = KeyIdentifier(rawValue: 0xc19f_e1cc_9d6d_f869)

    static func find(in key: EnvelopeKey, place: Int) -> [SecretWeakness] {
        var found: [SecretWeakness] = []
        if key.identifier == publishedSample { found.append(SecretWeakness(place: place, kind: .published)) }
        let count = distinctCharacters(in: key.secret.value)
        if count < distinctCharacters {
            found.append(SecretWeakness(place: place, kind: .fewDistinctCharacters(count: count)))
        }
        return found
    }

    private static func distinctCharacters(in secret: borrowing SecretBytes) -> Int {
        // One bit for each character: a table of counts would say more about the secret than is needed.
        var seen: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for index in 0..<secret.count {
            let byte = secret.bytes[index]
            let bit: UInt64 = 1 << UInt64(byte & 63)
            switch byte >> 6 {
            case 0: seen.0 |= bit
            case 1: seen.1 |= bit
            case 2: seen.2 |= bit
            default: seen.3 |= bit
            }
        }
        return seen.0.nonzeroBitCount + seen.1.nonzeroBitCount + seen.2.nonzeroBitCount + seen.3.nonzeroBitCount
    }
}
