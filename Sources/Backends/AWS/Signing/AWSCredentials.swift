internal import Cryptography
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Keys that belong together, and must be replaced together.
final class AWSCredentials: Sendable {
    /// Names the keys, and is sent as it is.
    let accessKey: SharedSecret
    /// Never sent.
    let secretKey: SharedSecret
    /// Sent beside the signature; nil for keys that do not end.
    let sessionToken: SharedSecret?
    /// Where they come from, for messages.
    let origin: String
    /// Whether whoever gave them may give others, so that it is worth asking when they are refused.
    let isRenewable: Bool

    /// The key of the day: five computations that need not be done for each request.
    private let derived = Mutex<(scope: String, key: SharedSecret)?>(nil)

    init(
        accessKey: SharedSecret,
        secretKey: SharedSecret,
        sessionToken: SharedSecret? = nil,
        origin: String,
        isRenewable: Bool = false
    ) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.origin = origin
        self.isRenewable = isRenewable
    }

    /// The key for a day, a region and a service. The last one is kept, in locked memory, as long as the credentials are.
    func signingKey(_ scope: String) throws(BackendError) -> SharedSecret {
        if let key = derived.withLock({ $0?.scope == scope ? $0?.key : nil }) { return key }
        let key = try derive(scope)
        derived.withLock { $0 = (scope, key) }
        return key
    }

    private func derive(_ scope: String) throws(BackendError) -> SharedSecret {
        var key = try BackendError.mappingMemory { () throws(MemoryError) in
            try SecretBytes(capacity: secretKey.value.count + 4, account: .general) { output in
                output.append("AWS4")
                secretKey.withBytes { output.append(contentsOf: $0) }
            }
        }
        for part in scope.split(separator: "/").map(String.init) {
            // Each step wipes the key of the one before.
            let next = try SecretBytes.computed(capacity: HMACSHA256.byteCount) { (output) throws(CryptographyError) in
                try HMACSHA256.code(of: part.utf8Span.span, key: key.bytes, into: &output)
            }
            key = next
        }
        return SharedSecret(key)
    }
}
