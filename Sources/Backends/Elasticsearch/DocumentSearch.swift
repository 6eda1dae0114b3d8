internal import HTTP
internal import SecretMemory
internal import Secrets

/// Searches for documents without their values. A search sees a write about a second after it.
struct DocumentSearch: Sendable {
    /// Entries of the largest page, whatever the caller asks for.
    static let largestPage = 1000

    let cluster: ElasticsearchCluster
    let index: String

    /// Names and metadata of one namespace.
    ///
    /// - Parameter tags: that a document must have.
    func list(_ query: ListQuery, tags: [String: String]) async throws(BackendError) -> ListPage {
        let limit = max(1, min(query.limit, Self.largestPage))
        var filters: [Filter] = [.term("tenant", query.tenant), .term("namespace", query.namespace)]
        if !query.prefix.isEmpty { filters.append(.prefix("name", query.prefix)) }
        filters += DocumentTags.texts(tags).map { .term("tags", $0) }
        let json = try await search(
            filters,
            fields: ["name", "version", "tags", "description", "updated_at"],
            sort: ["name"],
            after: query.after.isEmpty ? [] : [query.after],
            limit: limit + 1,
            doing: "listing \(query.namespace)"
        )
        var entries: [SecretEntry] = []
        let hits = Self.sources(json)
        for source in hits.prefix(limit) {
            guard let name = json.string(json.node("name", in: source)) else { continue }
            let texts = json.node("tags", in: source).map { json.elements(of: $0) }?.compactMap { json.string($0) }
            entries.append(
                SecretEntry(
                    namespace: query.namespace,
                    key: name,
                    version: json.integer(json.node("version", in: source)).map(String.init) ?? "",
                    updatedAt: json.string(json.node("updated_at", in: source)).flatMap(ISODate.milliseconds),
                    description: json.string(json.node("description", in: source)),
                    tags: DocumentTags.tags(texts ?? [])
                )
            )
        }
        return ListPage(entries: entries, hasMore: hits.count > limit)
    }

    /// Names of secrets whose values are sealed under one of these secrets, of all tenants and namespaces.
    ///
    /// - Parameter after: the last one of the page before; nil for the first page.
    func sealed(
        under identifiers: [String],
        after: SecretName?,
        limit: Int
    ) async throws(BackendError) -> [SecretName] {
        let json = try await search(
            [.terms("key_id", identifiers)],
            fields: ["tenant", "namespace", "name"],
            sort: ["tenant", "namespace", "name"],
            after: after.map { [$0.tenant, $0.namespace, $0.key] } ?? [],
            limit: limit,
            doing: "looking for values under previous secrets"
        )
        return Self.sources(json).map { source in
            SecretName(
                tenant: json.string(json.node("tenant", in: source)) ?? "",
                namespace: json.string(json.node("namespace", in: source)) ?? "",
                key: json.string(json.node("name", in: source)) ?? ""
            )
        }
    }

    // MARK: Pieces

    enum Filter {
        case term(String, String)
        case terms(String, [String])
        case prefix(String, String)
    }

    private static func sources(_ json: borrowing JSONDocument) -> [JSONDocument.Node] {
        let hits = json.node("hits", "hits").map { json.elements(of: $0) } ?? []
        return hits.compactMap { json.node("_source", in: $0) }
    }

    private func search(
        _ filters: [Filter],
        fields: [String],
        sort: [String],
        after: [String],
        limit: Int,
        doing action: String
    ) async throws(BackendError) -> JSONDocument {
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            try Self.body(filters, fields, sort, after, limit)
        }
        return try await ask(body, doing: action)
    }

    /// - Returns: an answer of all shards.
    func ask(_ body: SharedSecret, doing action: String) async throws(BackendError) -> JSONDocument {
        let path = "/\(index)/_search?allow_partial_search_results=false"
        let answer = try await cluster.ask(.post, path, body: body)
        guard answer.isSuccess else { throw answer.failure(doing: action) }
        guard answer.json.node("hits", "hits") != nil else {
            throw .malformed(detail: "\(action) was answered without hits")
        }
        let isWhole =
            answer.json.boolean(answer.json.node("timed_out")) == false
            && answer.json.integer(answer.json.node("_shards", "failed")) == 0
        guard isWhole else { throw .unavailable(detail: "\(action) was answered in part only") }
        return answer.takeJSON()
    }

    private static func body(
        _ filters: [Filter],
        _ fields: [String],
        _ sort: [String],
        _ after: [String],
        _ limit: Int
    ) throws(MemoryError) -> SharedSecret {
        var writer = JSONWriter()
        try writer.beginObject()
        try writer.key("size")
        try writer.integer(Int64(limit))
        try writer.key("track_total_hits")
        try writer.boolean(false)
        try writer.key("_source")
        try write(fields, &writer)
        try writeQuery(filters, &writer)
        try writer.key("sort")
        try writer.beginArray()
        for field in sort {
            try writer.beginObject()
            try writer.key(field)
            try writer.string("asc")
            try writer.endObject()
        }
        try writer.endArray()
        if !after.isEmpty {
            try writer.key("search_after")
            try write(after, &writer)
        }
        try writer.endObject()
        return SharedSecret(try writer.finish())
    }

    /// Documents with values that fit all filters.
    static func writeQuery(_ filters: [Filter], _ writer: inout JSONWriter) throws(MemoryError) {
        try writer.key("query")
        try writer.beginObject()
        try writer.key("bool")
        try writer.beginObject()
        try writer.key("filter")
        try writer.beginArray()
        for filter in filters { try write(filter, &writer) }
        try writer.endArray()
        try writer.key("must_not")
        try writer.beginArray()
        try writer.beginObject()
        try writer.key("exists")
        try writer.beginObject()
        try writer.key("field")
        try writer.string("deleted_at")
        try writer.endObject()
        try writer.endObject()
        try writer.endArray()
        try writer.endObject()
        try writer.endObject()
    }

    private static func write(_ texts: [String], _ writer: inout JSONWriter) throws(MemoryError) {
        try writer.beginArray()
        for text in texts { try writer.string(text) }
        try writer.endArray()
    }

    private static func write(_ filter: Filter, _ writer: inout JSONWriter) throws(MemoryError) {
        let kind: String
        let field: String
        switch filter {
        case .term(let name, _): (kind, field) = ("term", name)
        case .terms(let name, _): (kind, field) = ("terms", name)
        case .prefix(let name, _): (kind, field) = ("prefix", name)
        }
        try writer.beginObject()
        try writer.key(kind)
        try writer.beginObject()
        try writer.key(field)
        switch filter {
        case .term(_, let text), .prefix(_, let text): try writer.string(text)
        case .terms(_, let texts): try write(texts, &writer)
        }
        try writer.endObject()
        try writer.endObject()
    }
}
