internal import HTTP
internal import SecretMemory
internal import Secrets

/// How the agent says who it is. Without any, its client certificate does.
struct ElasticsearchCredential: Sendable {
    /// What stands in the header before it; nil for no header.
    private let scheme: String?
    /// As it stands in the header.
    let value: SharedSecret

    /// - Parameter key: as Elasticsearch gives it out under `encoded`.
    init(apiKey key: SharedSecret) {
        scheme = "ApiKey "
        value = key
    }

    init(bearer token: SharedSecret) {
        scheme = "Bearer "
        value = token
    }

    /// - Parameter username: without a colon, which ends it in the header.
    init(username: String, password: SharedSecret) throws(MemoryError) {
        let length = username.utf8.count + 1 + password.value.count
        let pair = try SecretBytes(capacity: length, account: .general) { output in
            for byte in username.utf8 { output.append(byte) }
            output.append(UInt8(ascii: ":"))
            password.withBytes { output.append(contentsOf: $0) }
        }
        scheme = "Basic "
        value = SharedSecret(
            try SecretBytes(capacity: Base64.encodedCount(pair.count), account: .general) { output in
                Base64.encode(pair.bytes, into: &output)
            }
        )
    }

    private init(scheme: String?, value: SharedSecret) {
        self.scheme = scheme
        self.value = value
    }

    /// For a cluster that knows the agent by its client certificate.
    static func certificate() throws(MemoryError) -> ElasticsearchCredential {
        let nothing = try SecretBytes(copying: "".utf8Span.span, account: .general)
        return ElasticsearchCredential(scheme: nil, value: SharedSecret(nothing))
    }

    var header: SecretHeader? { scheme.map { SecretHeader("Authorization", prefix: $0, value) } }
}
