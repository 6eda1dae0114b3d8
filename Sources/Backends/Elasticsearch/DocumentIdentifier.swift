internal import Cryptography
internal import Secrets

/// Which document is a secret's: the SHA-256 of its three names, each with its length before it, so that no two secrets
/// share one and every name fits.
enum DocumentIdentifier {
    static func of(_ name: SecretName) throws(BackendError) -> String {
        var message: [UInt8] = []
        for part in [name.tenant.utf8, name.namespace.utf8, name.key.utf8] {
            let count = UInt32(truncatingIfNeeded: part.count)
            for shift in [24, 16, 8, 0] as [UInt32] { message.append(UInt8(truncatingIfNeeded: count >> shift)) }
            message.append(contentsOf: part)
        }
        do throws(CryptographyError) {
            var digest = try Digest256()
            try digest.update(message.span)
            let digits = try [UInt8](capacity: Digest256.hexCount) { (output) throws(CryptographyError) in
                try digest.finalizeHex(into: &output)
            }
            return String(decoding: digits, as: UTF8.self)
        } catch {
            throw .unavailable(detail: "\(error)")
        }
    }
}
