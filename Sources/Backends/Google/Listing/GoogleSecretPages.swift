internal import HTTP
internal import Secrets

/// A secret as a list shows it: everything but the value.
struct ListedSecret: Sendable {
    let identifier: String
    let labels: [String: String]
    let annotations: [String: String]
    let etag: String?

    /// nil where it has no name.
    init?(_ document: borrowing JSONDocument, _ node: JSONDocument.Node) {
        guard let path = document.string(document.node("name", in: node)), let last = path.split(separator: "/").last
        else { return nil }
        identifier = String(last)
        labels = Self.texts(document, "labels", node)
        annotations = Self.texts(document, "annotations", node)
        etag = document.string(document.node("etag", in: node))
    }

    private static func texts(
        _ document: borrowing JSONDocument,
        _ name: String,
        _ node: JSONDocument.Node
    ) -> [String: String] {
        guard let found = document.node(name, in: node) else { return [:] }
        var texts: [String: String] = [:]
        for member in document.members(of: found) { texts[member.name] = document.string(member.value) ?? "" }
        return texts
    }

    /// Whether all these labels are on it.
    func carries(_ wanted: [String: String]) -> Bool {
        wanted.allSatisfy { name, value in labels[name].map { $0.hasSameBytes(as: value) } ?? false }
    }
}

/// Reads lists page by page, in whatever order the service gives them.
struct GoogleSecretPages: Sendable {
    /// Secrets on a page. Each may have 16 KiB of annotations, and the page must fit into an answer.
    static let pageSize = 250
    /// Most pages, which the service may also send empty.
    static let maximumPages = 400

    let service: GoogleService

    /// Calls `body` with each secret that the filter finds. The service's filter finds too much, never too little.
    func read(
        filter: String,
        of parent: GoogleParent,
        _ body: (ListedSecret) throws(BackendError) -> Void
    ) async throws(BackendError) {
        var token: String?
        for _ in 0..<Self.maximumPages {
            let document = try await page(filter, token, parent)
            for node in document.node("secrets").map({ document.elements(of: $0) }) ?? [] {
                guard let secret = ListedSecret(document, node) else {
                    throw .malformed(detail: "listing \(parent.secrets) was answered with a secret without a name")
                }
                try body(secret)
            }
            guard let next = document.string(document.node("nextPageToken")), !next.isEmpty else { return }
            guard next != token else {
                throw .malformed(detail: "listing \(parent.secrets) goes round in circles")
            }
            token = next
        }
        throw .unsupported(detail: "\(parent.secrets) has more secrets than are listed; use a prefix, or labels")
    }

    private func page(
        _ filter: String,
        _ token: String?,
        _ parent: GoogleParent
    ) async throws(BackendError) -> JSONDocument {
        var query = "?pageSize=\(Self.pageSize)"
        if !filter.isEmpty { query += "&filter=\(PercentEncoding.encode(filter))" }
        if let token { query += "&pageToken=\(PercentEncoding.encode(token))" }
        do throws(GoogleFault) {
            return try await service.call(.list, .get, parent.secrets, query, of: parent)
        } catch {
            throw error.asBackendError
        }
    }
}

/// Expressions that a list is filtered with by the service.
enum GoogleFilter {
    /// All of the conditions. A name is only looked for somewhere in the path there, in any case of its letters.
    static func all(labels: [String: String], nameContains fragment: String) -> String {
        let conditions = labels.sorted { $0.key < $1.key }.map { "labels.\($0.key)=\"\($0.value)\"" }
        return (conditions + (fragment.isEmpty ? [] : ["name:\(fragment)"])).joined(separator: " AND ")
    }
}
