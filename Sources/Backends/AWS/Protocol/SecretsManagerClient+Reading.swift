internal import SecretMemory
internal import Secrets

/// A value as AWS gave it.
struct AWSValue: ~Copyable, Sendable {
    let arn: String
    let name: String
    let version: String
    let value: SecretBytes

    /// Reads the answer to one read, or an element of the answer to several.
    init(
        _ node: JSONDocument.Node,
        of document: borrowing JSONDocument,
        account: MemoryAccount,
        doing action: String
    ) throws(BackendError) {
        guard let arn = document.string(document.node("ARN", in: node)),
            let name = document.string(document.node("Name", in: node)),
            let version = document.string(document.node("VersionId", in: node))
        else { throw .malformed(detail: "\(action) was answered without a name or a version") }
        if let text = document.node("SecretString", in: node), document.kind(text) == .string {
            do throws(MemoryError) { value = try document.secret(text, account: account) } catch {
                throw .memory(error)
            }
        } else if let bytes = document.node("SecretBinary", in: node), document.kind(bytes) == .string {
            do throws(Base64.Failure) { value = try document.base64(bytes, account: account) } catch {
                switch error {
                case .memory(let error): throw .memory(error)
                case .malformed: throw .malformed(detail: "\(action) was answered with a value that is not Base64")
                }
            }
        } else {
            throw .malformed(detail: "\(action) was answered without a value")
        }
        self.arn = arn
        self.name = name
        self.version = version
    }
}

/// Narrows a listing down. AWS compares beginnings only, and labels' names and values each for itself, so that what comes back has
/// to be looked at again.
struct ListFilter: Sendable {
    let key: String
    /// At most ``maximumValues``, of which one must fit.
    let values: [String]

    static let maximumValues = 10
}

extension SecretsManagerClient {
    /// Secrets on a page of a listing.
    private static var pageSize: Int64 { 100 }
    /// Pages of one listing: more secrets than these are no answer to one question.
    private static var maximumPages: Int { 200 }

    static func body(_ write: (inout JSONWriter) throws(MemoryError) -> Void) throws(AWSFault) -> SecretBytes {
        do throws(MemoryError) {
            var writer = JSONWriter()
            try writer.beginObject()
            try write(&writer)
            try writer.endObject()
            return try writer.finish()
        } catch {
            throw .failed(.memory(error))
        }
    }

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

    /// All secrets that a listing finds and that `isWanted`, in no order.
    func list(
        _ filters: [ListFilter],
        includesDeleted: Bool = false,
        doing action: String,
        where isWanted: (SecretRecord) -> Bool
    ) async throws(AWSFault) -> [SecretRecord] {
        do throws(AWSFault) {
            return try await listOnce(filters, includesDeleted, action, isWanted)
        } catch {
            // A page that was to follow is not there any more: begin again, once.
            guard case .refused(let refusal) = error, refusal.isLostPage else { throw error }
            return try await listOnce(filters, includesDeleted, action, isWanted)
        }
    }

    private func listOnce(
        _ filters: [ListFilter],
        _ includesDeleted: Bool,
        _ action: String,
        _ isWanted: (SecretRecord) -> Bool
    ) async throws(AWSFault) -> [SecretRecord] {
        var records: [SecretRecord] = []
        var next: String?
        for _ in 0..<Self.maximumPages {
            let body = try Self.listBody(filters, includesDeleted, pageSize: Self.pageSize, after: next)
            let document = try await call("ListSecrets", body, doing: action)
            guard let list = document.node("SecretList"), document.kind(list) == .array else {
                throw .failed(.malformed(detail: "\(action) was answered without a list"))
            }
            for node in document.elements(of: list) {
                guard let record = SecretRecord(node, of: document), includesDeleted || !record.isDeleted,
                    isWanted(record)
                else { continue }
                records.append(record)
            }
            // Pages may be empty although others follow.
            next = document.string(document.node("NextToken"))
            guard let token = next, !token.isEmpty else { return records }
        }
        throw .failed(
            .unsupported(
                detail:
                    "\(action) finds more than \(Self.maximumPages * Int(Self.pageSize)) secrets, so there is no end"
            )
        )
    }

    /// Asks for as little as can be asked for, to see whether there is an answer.
    func probe() async throws(AWSFault) {
        let body = try Self.listBody([], false, pageSize: 1, after: nil)
        let document = try await call("ListSecrets", body, doing: "connecting")
        guard document.node("SecretList") != nil else {
            throw .failed(.malformed(detail: "the service does not answer as AWS Secrets Manager does"))
        }
    }

    private static func listBody(
        _ filters: [ListFilter],
        _ includesDeleted: Bool,
        pageSize: Int64,
        after token: String?
    ) throws(AWSFault) -> SecretBytes {
        try body { (body) throws(MemoryError) in
            try body.key("MaxResults")
            try body.integer(pageSize)
            if includesDeleted {
                try body.key("IncludePlannedDeletion")
                try body.boolean(true)
            }
            if let token {
                try body.key("NextToken")
                try body.string(token)
            }
            guard !filters.isEmpty else { return }
            try body.key("Filters")
            try body.beginArray()
            for filter in filters {
                try body.beginObject()
                try body.key("Key")
                try body.string(filter.key)
                try body.key("Values")
                try body.beginArray()
                for value in filter.values { try body.string(value) }
                try body.endArray()
                try body.endObject()
            }
            try body.endArray()
        }
    }
}
