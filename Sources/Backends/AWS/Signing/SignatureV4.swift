internal import Cryptography
internal import SecretMemory
internal import Secrets

/// Signature Version 4 for one service in one region.
struct SignatureV4: Sendable {
    /// The algorithm's name, as it stands in requests.
    static let algorithm = "AWS4-HMAC-SHA256"

    let service: String
    let region: String

    /// What a key is derived for: a day, a region and a service.
    func scope(of timestamp: String) -> String { "\(timestamp.prefix(8))/\(region)/\(service)/aws4_request" }

    /// The value of the header `Authorization`.
    ///
    /// - Parameter timestamp: what is sent as `X-Amz-Date`; see ``AWSTime/basic(_:)``.
    func authorization(
        of request: SignableRequest,
        with credentials: AWSCredentials,
        at timestamp: String
    ) throws(BackendError) -> SharedSecret {
        let scope = scope(of: timestamp)
        let signature = try signature(of: request, with: credentials, at: timestamp)
        let start = "\(Self.algorithm) Credential="
        let middle = "/\(scope), SignedHeaders=\(request.signedHeaders), Signature="
        let capacity = start.utf8.count + credentials.accessKey.value.count + middle.utf8.count + 2 * signature.count
        return try BackendError.mappingMemory { () throws(MemoryError) in
            let header = try SecretBytes(capacity: capacity, account: .http) { output in
                output.append(start)
                credentials.accessKey.withBytes { output.append(contentsOf: $0) }
                output.append(middle)
                Hexadecimal.append(signature.bytes, to: &output)
            }
            return SharedSecret(header)
        }
    }

    /// The signature's bytes.
    func signature(
        of request: SignableRequest,
        with credentials: AWSCredentials,
        at timestamp: String
    ) throws(BackendError) -> SecretBytes {
        let scope = scope(of: timestamp)
        var buffer = SecretBuffer(limit: 1024, account: .general)
        var failure: BackendError?
        try BackendError.mappingMemory { () throws(MemoryError) in
            try buffer.append("\(Self.algorithm)\n\(timestamp)\n\(scope)\n".utf8Span.span)
            try buffer.append(reserving: Digest256.hexCount) { output in
                do throws(BackendError) { try request.canonicalDigest(into: &output) } catch { failure = error }
            }
        }
        if let failure { throw failure }
        let key = try credentials.signingKey(scope)
        return try key.withBytes { (key) throws(BackendError) in
            try SecretBytes.computed(capacity: HMACSHA256.byteCount) { (output) throws(CryptographyError) in
                try HMACSHA256.code(of: buffer.bytes, key: key, into: &output)
            }
        }
    }
}

extension SecretBytes {
    /// A value in locked memory that a computation writes.
    static func computed(
        capacity: Int,
        _ compute: (inout OutputSpan<UInt8>) throws(CryptographyError) -> Void
    ) throws(BackendError) -> SecretBytes {
        var failure: CryptographyError?
        let bytes = try BackendError.mappingMemory { () throws(MemoryError) in
            try SecretBytes(capacity: capacity, account: .general) { output in
                do throws(CryptographyError) { try compute(&output) } catch { failure = error }
            }
        }
        if let failure { throw .cannotSign(failure) }
        return bytes
    }
}

extension BackendError {
    static func cannotSign(_ error: CryptographyError) -> BackendError {
        .unavailable(detail: "a request cannot be signed: \(error)")
    }
}

extension OutputSpan<UInt8> {
    mutating func append(_ text: String) { append(contentsOf: text.utf8Span.span) }
}
