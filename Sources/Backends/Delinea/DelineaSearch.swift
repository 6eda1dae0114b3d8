internal import HTTP
internal import Secrets

/// Looks for secrets by their names. Secret Server finds parts of names, in any case of their letters: what is meant is decided
/// here.
struct DelineaSearch: Sendable {
    struct Found: Sendable {
        let id: Int64
        let name: String
        let template: Int64
    }

    private static let pageSize = 100
    /// Beyond so many secrets the folder is not one for an agent.
    private static let maximumPages = 200

    let server: DelineaServer
    /// nil: wherever the user sees something.
    let folder: Int64?

    /// The one secret of a name.
    ///
    /// - Returns: nil where there is none.
    func only(_ name: String) async throws(BackendError) -> Found? {
        let found = try await named(name)
        guard found.count > 1 else { return found.first }
        throw .malformed(
            detail: """
                \(found.count) secrets are called \(name) (\(found.map { "\($0.id)" }.joined(separator: ", "))); \
                rename or delete all but one
                """
        )
    }

    /// Those of exactly this name, the oldest first.
    func named(_ name: String) async throws(BackendError) -> [Found] {
        try await holding(name).filter { $0.name.hasSameBytes(as: name) }.sorted { $0.id < $1.id }
    }

    /// Those whose names have this part; "" for all.
    func holding(_ text: String) async throws(BackendError) -> [Found] {
        var found: [Found] = []
        var skip: Int64 = 0
        for _ in 0..<Self.maximumPages {
            guard let next = try await page(text, skip, &found), next > skip else { return found }
            skip = next
        }
        throw .malformed(
            detail: "Secret Server knows more than \(Self.maximumPages * Self.pageSize) secrets that may be meant"
        )
    }

    /// - Returns: where the next page begins; nil after the last.
    private func page(_ text: String, _ skip: Int64, _ found: inout [Found]) async throws(BackendError) -> Int64? {
        let action = "searching secrets\(folder.map { " of folder \($0)" } ?? "")"
        var query = ["filter.includeSubFolders=false", "filter.doNotCalculateTotal=true"]
        if let folder { query.append("filter.folderId=\(folder)") }
        if !text.isEmpty { query.append("filter.searchText=\(PercentEncoding.encode(text))") }
        query += ["sortBy%5B0%5D.name=id", "sortBy%5B0%5D.direction=asc", "skip=\(skip)", "take=\(Self.pageSize)"]
        let json = try await server.ask(.get, "secrets?\(query.joined(separator: "&"))").json(action)
        guard let records = json.node("records"), json.kind(records) == .array else {
            throw .malformed(detail: "\(action) was answered without records")
        }
        let nodes = json.elements(of: records)
        for node in nodes {
            guard let id = json.integer(json.node("id", in: node)), let name = json.string(json.node("name", in: node))
            else { throw .malformed(detail: "\(action) was answered with a record that has no id or name") }
            // A server that does not know a filter answers as if it were not there.
            if let folder, json.integer(json.node("folderId", in: node)) != folder { continue }
            if json.boolean(json.node("active", in: node)) == false { continue }
            found.append(
                Found(id: id, name: name, template: json.integer(json.node("secretTemplateId", in: node)) ?? 0)
            )
        }
        guard !nodes.isEmpty, json.boolean(json.node("hasNext")) == true else { return nil }
        return json.integer(json.node("nextSkip"))
    }
}
