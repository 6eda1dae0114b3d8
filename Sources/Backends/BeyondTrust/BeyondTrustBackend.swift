internal import HTTP
internal import SecretMemory
internal import Secrets

/// The secrets of a folder of Secrets Safe, in BeyondTrust Password Safe.
final class BeyondTrustBackend: SecretBackend {
    let options: BeyondTrustOptions
    let server: BeyondTrustServer
    let notices: BackendNotices

    init(
        options: BeyondTrustOptions,
        credential: BeyondTrustCredential,
        service: WebService,
        _ surroundings: ManagerSurroundings
    ) {
        self.options = options
        server = BeyondTrustServer(
            options.server,
            credential: credential,
            service: service,
            time: surroundings.time
        )
        notices = surroundings.notices
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        let isTelling: BackendCapabilities = options.names.tellNamespaces ? .namespaces : []
        return isTelling.union(!options.isReadOnly && options.folder != nil ? [.list, .write] : .list)
    }

    /// A session, and a look at the folder.
    func connect() async throws(BackendError) {
        _ = try await server.user()
        let action = options.folder.map { "reading folder \($0)" } ?? "listing secrets"
        let path = options.folder.map { "folders/\($0)" } ?? "secrets?limit=1&\(Self.version)"
        _ = try await server.ask(.get, path).json(action)
    }

    func close() async { await server.close() }

    func place(of name: SecretName) -> String {
        (options.folder.map { "folder \($0): " } ?? "") + (options.names.text(of: name) ?? "no title")
    }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        guard version == nil else { throw .unsupported(detail: "Secrets Safe has no versions of a secret") }
        guard let title = options.names.text(of: name) else { return nil }
        let json = try await titled(title, decrypted: true)
        guard let record = try only(title, in: json) else { return nil }
        guard record.kind == .file else { return FetchedSecret(value: try value(of: record, in: json), version: "") }
        let answer = try await server.ask(.get, "secrets/\(record.id)/file/download")
        let action = "reading the file of \(title)"
        if let refusal = answer.refusal {
            // Deleted since it was found.
            if refusal.status == 404 { return nil }
            throw refusal.failure(doing: action)
        }
        guard !answer.contentType.hasPrefix("text/html") else {
            throw .malformed(detail: "\(action) was answered with a page")
        }
        return FetchedSecret(
            value: try BackendError.mappingMemory { () throws(MemoryError) in try answer.body.copy() },
            version: ""
        )
    }

    // MARK: Pieces

    /// Asks for the form of answers that is known here; whichever comes is read.
    static let version = "version=3.1"
    /// More secrets of one title, in all folders together, are not told apart.
    private static let maximumTitled = 500

    /// The answer with those that have a title, in any case of its letters, in all folders.
    func titled(_ title: String, decrypted: Bool) async throws(BackendError) -> JSONDocument {
        let query = "title=\(PercentEncoding.encode(title))\(decrypted ? "&decrypt=true" : "")"
        return try await server.ask(.get, "secrets?\(query)&limit=\(Self.maximumTitled)&offset=0&\(Self.version)")
            .json("looking for \(title)")
    }

    /// Those of exactly this title in the folder, the oldest first.
    func records(_ title: String, in json: borrowing JSONDocument) throws(BackendError) -> [BeyondTrustRecord] {
        let (found, count) = try BeyondTrustRecord.all(in: json, folder: options.folder, "looking for \(title)")
        guard count < Self.maximumTitled else {
            throw .malformed(detail: "\(count) secrets of all folders are called \(title), too many to look through")
        }
        var dated: [(created: String, record: BeyondTrustRecord)] = []
        for record in found where record.title.hasSameBytes(as: title) {
            dated.append((record.created(in: json), record))
        }
        return dated.sorted { $0.created < $1.created }.map(\.record)
    }

    /// The one secret of a title; nil where there is none.
    func only(_ title: String, in json: borrowing JSONDocument) throws(BackendError) -> BeyondTrustRecord? {
        let found = try records(title, in: json)
        guard found.count > 1 else { return found.first }
        let ids = found.map(\.id).joined(separator: ", ")
        throw .malformed(detail: "\(found.count) secrets are called \(title) (\(ids)); rename or delete all but one")
    }

    private func value(
        of record: BeyondTrustRecord,
        in json: borrowing JSONDocument
    ) throws(BackendError) -> SecretBytes {
        let password = written("Password", of: record, in: json)
        let user = record.kind == .credential ? written("Username", of: record, in: json) : nil
        // Some servers keep the value of a text where a password is.
        guard let value = record.kind == .text ? written("Text", of: record, in: json) ?? password : password else {
            throw .malformed(detail: "Secrets Safe gives \(record.title) without its value")
        }
        do throws(MemoryError) {
            guard let user else { return try json.secret(value) }
            let name = try json.secret(user, account: .http)
            if name.count == 0 { return try json.secret(value) }
            let text = try json.secret(value, account: .http)
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("username")
            try writer.string(name.bytes)
            try writer.key("password")
            try writer.string(text.bytes)
            try writer.endObject()
            return try writer.finish().copy()
        } catch {
            throw .memory(error)
        }
    }

    /// A member that is a text; what is absent or null is no empty value.
    private func written(
        _ member: String,
        of record: BeyondTrustRecord,
        in json: borrowing JSONDocument
    ) -> JSONDocument.Node? {
        json.node(member, in: record.node).flatMap { json.kind($0) == .string ? $0 : nil }
    }
}
