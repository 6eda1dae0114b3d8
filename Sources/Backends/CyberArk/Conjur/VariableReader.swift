internal import HTTP
internal import SecretMemory
internal import Secrets

/// Reads variables: those that are asked for together with one request. One by itself is asked for in the same way,
/// because what is answered then names the variable: a page of a proxy is not taken for its value.
struct VariableReader: Sendable {
    /// Most variables in one request, so that its address stays below the 8 KiB that servers take.
    static let maximumBatch = 24
    /// Most bytes of their ids together, for the same reason.
    static let maximumBatchBytes = 2048

    private enum Found: Sendable {
        case value(SharedSecret)
        case none
        /// It has to be asked for by itself.
        case alone
    }

    private let server: ConjurServer
    private let account: String
    private let gatherer: Gatherer<String, Found>

    init(_ server: ConjurServer, account: String, time: TimeSource) {
        self.server = server
        self.account = account
        gatherer = Gatherer(limit: Self.maximumBatch, time: time) { (ids) throws(BackendError) in
            try await Self.several(ids, account, server)
        }
    }

    /// - Returns: nil where there is no such variable or version, or it has no value, or may not be seen.
    func read(_ id: String, version: Int64?) async throws(BackendError) -> SecretBytes? {
        // A comma stands between ids.
        if version != nil || id.contains(",") { return try await Self.one(id, version, account, server) }
        var found = try await gatherer.answer(to: id)
        if case .alone = found { found = try await Self.several([id], account, server)[id] ?? Found.none }
        guard case .value(let secret) = found else { return nil }
        return try BackendError.mappingMemory { () throws(MemoryError) in try secret.value.copy() }
    }

    /// The address of a variable.
    static func path(_ id: String, account: String) -> String {
        "secrets/\(PercentEncoding.encode(account))/variable/\(PercentEncoding.encode(id))"
    }

    private static func one(
        _ id: String,
        _ version: Int64?,
        _ account: String,
        _ server: ConjurServer
    ) async throws(BackendError) -> SecretBytes? {
        let action = "reading \(id)"
        let query = version.map { "?version=\($0)" } ?? ""
        let answer = try await server.ask(.get, path(id, account: account) + query)
        if let refusal = answer.refusal {
            if refusal.isMissing { return nil }
            throw refusal.failure(doing: action)
        }
        guard !answer.contentType.hasPrefix("text/html") else {
            throw .malformed(detail: "\(action) was answered with a page; is address right?")
        }
        return try BackendError.mappingMemory { () throws(MemoryError) in try answer.body.copy() }
    }

    /// All or nothing: where one of them is missing, that one is said, and the others are asked for one by one. So
    /// there are never more requests than without this.
    private static func several(
        _ ids: [String],
        _ account: String,
        _ server: ConjurServer
    ) async throws(BackendError) -> [String: Found] {
        var found = Dictionary(uniqueKeysWithValues: ids.map { ($0, Found.alone) })
        let only = ids.count == 1 ? ids[0] : nil
        guard only != nil || ids.reduce(0, { $0 + $1.utf8.count }) <= maximumBatchBytes else { return found }
        let action = "reading \(only ?? "\(ids.count) variables")"
        let whole = ids.map { "\(account):variable:\($0)" }
        let list = whole.map { PercentEncoding.encode($0) }.joined(separator: ",")
        let answer = try await server.ask(.get, "secrets?variable_ids=\(list)", wantsBase64: true)
        if let refusal = answer.refusal {
            if let only, refusal.isMissing { return [only: Found.none] }
            // Who asked for text on the way, and it is none.
            if let only, refusal.status == 406 {
                guard let value = try await one(only, nil, account, server) else { return [only: Found.none] }
                return [only: .value(SharedSecret(value))]
            }
            // One that may not be read, or is no text, is not to spoil the others.
            guard only == nil, refusal.isMissing || [403, 406].contains(refusal.status) else {
                throw refusal.failure(doing: action)
            }
            if let missing = refusal.missing(among: whole), let place = whole.firstIndex(of: missing) {
                found[ids[place]] = Found.none
            }
            return found
        }
        let isEncoded = answer.contentEncoding == "base64"
        let json = try answer.json(action)
        for (id, name) in zip(ids, whole) {
            guard let node = json.node(name), json.kind(node) == .string else {
                throw .malformed(detail: "\(action) was answered without a value of \(id)")
            }
            found[id] = .value(SharedSecret(try value(node, in: json, isEncoded, action)))
        }
        return found
    }

    private static func value(
        _ node: JSONDocument.Node,
        in json: borrowing JSONDocument,
        _ isEncoded: Bool,
        _ action: String
    ) throws(BackendError) -> SecretBytes {
        guard isEncoded else {
            return try BackendError.mappingMemory { () throws(MemoryError) in try json.secret(node) }
        }
        do throws(Base64.Failure) { return try json.base64(node) } catch {
            guard case .memory(let error) = error else {
                throw .malformed(detail: "\(action): a value says that it is Base64, and it is not")
            }
            throw .memory(error)
        }
    }
}
