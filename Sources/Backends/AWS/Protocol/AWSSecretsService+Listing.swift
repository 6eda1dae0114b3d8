internal import SecretMemory
internal import Secrets

/// Which secrets there are.
extension AWSSecretsService {
    /// Secrets on a page of a listing.
    private static var pageSize: Int64 { 100 }
    /// Pages of one listing: more secrets than these are no answer to one question.
    private static var maximumPages: Int { 200 }

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
