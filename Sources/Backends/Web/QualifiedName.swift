internal import Secrets

/// The names of secrets in a manager that keeps them in one list, under free texts: `TENANT:NAMESPACE:KEY`, or `NAMESPACE:KEY`
/// where there is no tenant, or with another separator. Different names have different texts, and a text says which name it is.
struct QualifiedNames: Sendable {
    let layout: NameLayout
    /// Of a name in the manager.
    let maximumCharacters: Int
    /// What stands between the parts. No part has it.
    var separator = ":"
    /// What begins a byte of a part that is written as two hexadecimal digits.
    var mark = UInt8(ascii: "%")

    /// - Returns: nil where the manager cannot have a secret of this name.
    func text(of name: SecretName) -> String? {
        let text =
            switch layout {
            case .scoped: start(name.tenant, name.namespace) + encode(name.key)
            case .flat: name.key
            }
        guard !name.key.isEmpty, text.utf16.count <= maximumCharacters else { return nil }
        return text
    }

    /// What every text of a namespace begins with.
    func start(_ tenant: String, _ namespace: String) -> String {
        guard layout == .scoped else { return "" }
        return (tenant.isEmpty ? "" : encode(tenant) + separator) + encode(namespace) + separator
    }

    /// The key that a text stands for in a namespace; nil where it is of another, or none of ours.
    func key(of text: String, tenant: String, namespace: String) -> String? {
        guard !text.isEmpty else { return nil }
        let start = start(tenant, namespace)
        guard layout == .scoped else { return text }
        guard text.utf8.starts(with: start.utf8), text.utf8.count > start.utf8.count else { return nil }
        return decode(text.utf8.dropFirst(start.utf8.count))
    }

    /// Whether texts say which namespaces there are.
    var tellNamespaces: Bool { layout == .scoped }

    /// The tenant and namespace of the name that a text stands for; nil where it stands for none.
    func place(of text: String) -> NamespaceName? {
        guard layout == .scoped, let sign = separator.utf8.first, separator.utf8.count == 1 else { return nil }
        let parts = text.utf8.split(separator: sign, omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts[parts.count - 1].count > 0,
            decode(parts[parts.count - 1]) != nil,
            let namespace = decode(parts[parts.count - 2]), let tenant = parts.count == 3 ? decode(parts[0]) : ""
        else { return nil }
        // Where there is no tenant, nothing stands for it.
        guard parts.count == 2 || !tenant.isEmpty else { return nil }
        return NamespaceName(tenant: tenant, namespace: namespace)
    }

    /// The namespaces of a query that texts stand for.
    func page(of query: NamespaceQuery, _ texts: some Sequence<String>) -> NamespacePage {
        NamespacePage(of: Set(texts.lazy.compactMap(place)), query)
    }

    /// The keys of a page, with what stands for each, in ascending order; of texts that stand for one key the first counts.
    func page<Found>(
        of query: ListQuery,
        _ found: [Found],
        named text: (Found) -> String
    ) -> (rows: [(key: String, found: Found)], hasMore: Bool) {
        var rows: [(key: String, found: Found)] = found.compactMap { each in
            guard let key = key(of: text(each), tenant: query.tenant, namespace: query.namespace),
                key.utf8.starts(with: query.prefix.utf8), query.after.utf8.lexicographicallyPrecedes(key.utf8)
            else { return nil }
            return (key, each)
        }
        rows.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        var last: String?
        rows = rows.filter { row in
            defer { last = row.key }
            return last.map { !$0.hasSameBytes(as: row.key) } ?? true
        }
        return (Array(rows.prefix(query.limit)), rows.count > query.limit)
    }

    /// The separators between the parts are then the only ones.
    func encode(_ part: String) -> String { PercentEncoding.encode(part, mark: mark) }

    /// - Returns: nil for what ``encode(_:)`` does not write, so that no two texts stand for one key.
    private func decode(_ text: Substring.UTF8View) -> String? {
        guard let decoded = PercentEncoding.decode(Substring(text), mark: mark) else { return nil }
        return encode(decoded).utf8.elementsEqual(text) ? decoded : nil
    }
}
