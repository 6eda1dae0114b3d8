internal import SecretMemory
internal import Secrets

/// Values and what is known of them.
extension AWSSecretsService {
    /// The value of a secret.
    func value(of id: String, version: String?, doing action: String) async throws(AWSFault) -> AWSValue {
        let body = try Self.body { (body) throws(MemoryError) in
            try body.key("SecretId")
            try body.string(id)
            guard let version else { return }
            try body.key("VersionId")
            try body.string(version)
        }
        let document = try await call("GetSecretValue", body, doing: action)
        do throws(BackendError) {
            return try AWSValue(document.root, of: document, account: .values, doing: action)
        } catch {
            throw .failed(error)
        }
    }

    /// The values of several secrets: the answer's elements and its refusals, for the caller to read.
    func values(of ids: [String], doing action: String) async throws(AWSFault) -> JSONDocument {
        let body = try Self.body { (body) throws(MemoryError) in
            try body.key("SecretIdList")
            try body.beginArray()
            for id in ids { try body.string(id) }
            try body.endArray()
        }
        return try await call("BatchGetSecretValue", body, doing: action)
    }

    /// All that is known of a secret beside its value.
    func description(of id: String, doing action: String) async throws(AWSFault) -> SecretRecord {
        let body = try Self.body { (body) throws(MemoryError) in
            try body.key("SecretId")
            try body.string(id)
        }
        let document = try await call("DescribeSecret", body, doing: action)
        guard let record = SecretRecord(document.root, of: document) else {
            throw .failed(.malformed(detail: "\(action) was answered without a name"))
        }
        return record
    }
}
