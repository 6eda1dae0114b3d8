internal import Configuration
internal import Cryptography
internal import SecretMemory

/// The keys of a section that say what a store is sealed with: `secret` and `previous-secrets`, and where several
/// agents share the store, `next-secret`.
enum SealingSecrets {
    /// - Parameter isShared: whether there is a `next-secret`, so that agents can change one after another.
    /// - Returns: nil where there is no secret, or none that can be used, which the reader's problems then say.
    static func read(_ reader: ConfigurationReader, isShared: Bool = false) -> EnvelopeKeyring? {
        let minimum = EnvelopeKeyring.minimumSecretBytes
        let secret = reader.secret("secret", minimumBytes: minimum)
        let previous = reader.secrets("previous-secrets", minimumBytes: minimum)
        let next = isShared ? reader.optionalSecret("next-secret", minimumBytes: minimum) : nil
        return secret.flatMap { keyring(of: $0, previous, next, reader) }
    }

    private static func keyring(
        of secret: SharedSecret,
        _ previous: [SharedSecret],
        _ next: SharedSecret?,
        _ reader: ConfigurationReader
    ) -> EnvelopeKeyring? {
        do throws(EnvelopeKeyring.Refusal) {
            let keyring = try EnvelopeKeyring(current: secret, previous: previous, next: next)
            // Everybody has the sample. As a previous secret it still opens what was sealed with it.
            guard !keyring.weaknesses.contains(where: { $0.place == 0 && $0.kind == .published }) else {
                reader.report(
                    "secret",
                    "is the sample of the public documentation; make one with: openssl rand -base64 32"
                )
                return nil
            }
            return keyring
        } catch {
            switch error {
            case .tooShort(let place):
                let key = place == 0 ? "secret" : place > previous.count ? "next-secret" : "previous-secrets"
                reader.report(key, "must have at least \(EnvelopeKeyring.minimumSecretBytes) bytes")
            case .duplicate(let place, let first):
                let which = first == 0 ? "secret" : "number \(first)"
                if place > previous.count {
                    reader.report("next-secret", "is there already, among secret and previous-secrets; remove it")
                } else {
                    reader.report("previous-secrets", "number \(place) is the same as \(which); remove it")
                }
            case .failed(let error):
                reader.report("secret", "cannot be used (\(error))")
            }
            return nil
        }
    }
}
