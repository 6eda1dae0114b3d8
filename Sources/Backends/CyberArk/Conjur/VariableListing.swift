internal import HTTP
internal import Secrets

/// Lists the variables that the agent sees.
struct VariableListing: Sendable {
    struct Variable: Sendable {
        /// Without account and kind.
        let id: String
        /// Of the newest value.
        let version: Int64
        let annotations: [String: String]
    }

    private static let action = "listing variables"
    /// So many have fewer names and values together than a document may have.
    private static let pageSize = 500
    /// Beyond so many variables the role is not one for an agent.
    private static let maximumPages = 40

    let server: ConjurServer
    let account: String

    /// Makes sure that variables can be listed.
    func check() async throws(BackendError) { _ = try await page(offset: 0, limit: 1) }

    /// Those that have a value.
    func all() async throws(BackendError) -> [Variable] {
        let start = "\(account):variable:"
        var found: [Variable] = []
        for page in 0..<Self.maximumPages {
            let json = try await self.page(offset: page * Self.pageSize, limit: Self.pageSize)
            let nodes = json.elements(of: json.root)
            for node in nodes {
                guard let id = json.string(json.node("id", in: node)) else {
                    throw .malformed(detail: "\(Self.action) was answered with a resource that has no id")
                }
                guard id.utf8.starts(with: start.utf8) else { continue }
                let versions = json.node("secrets", in: node).map { json.elements(of: $0) } ?? []
                guard let version = versions.compactMap({ json.integer(json.node("version", in: $0)) }).max() else {
                    continue
                }
                let name = String(decoding: id.utf8.dropFirst(start.utf8.count), as: UTF8.self)
                found.append(Variable(id: name, version: version, annotations: annotations(node, in: json)))
            }
            if nodes.count < Self.pageSize { return found }
        }
        throw .malformed(detail: "\(Self.action): there are more than \(Self.maximumPages * Self.pageSize)")
    }

    /// A page, which is an array. Conjur's own search finds words anywhere, and is not used.
    private func page(offset: Int, limit: Int) async throws(BackendError) -> JSONDocument {
        let query = "kind=variable&limit=\(limit)&offset=\(offset)"
        let path = "resources/\(PercentEncoding.encode(account))?\(query)"
        let json = try await server.ask(.get, path).json(Self.action)
        guard json.kind(json.root) == .array else {
            throw .malformed(detail: "\(Self.action) was answered with something that is no list")
        }
        return json
    }

    private func annotations(_ node: JSONDocument.Node, in json: borrowing JSONDocument) -> [String: String] {
        var annotations: [String: String] = [:]
        for each in json.node("annotations", in: node).map({ json.elements(of: $0) }) ?? [] {
            guard let name = json.string(json.node("name", in: each)) else { continue }
            annotations[name] = json.string(json.node("value", in: each))
        }
        return annotations
    }
}
