internal import HTTP
internal import Secrets

/// Looks for accounts. The server finds parts of any of their properties, in any case of their letters: what is meant
/// is decided here.
final class AccountSearch: Sendable {
    /// An account that is looked for.
    struct Wanted: Hashable, Sendable {
        let name: String
        let safe: String?
        /// What the account has as its address and as its user name; nil in a vault that others fill.
        let words: Words?

        struct Words: Hashable, Sendable {
            let address: String
            let user: String
        }
    }

    /// So many have fewer names and values together than a document may have.
    private static let pageSize = 500
    /// Beyond so many accounts the safe is not one for an agent.
    private static let maximumPages = 40
    /// Most accounts that are looked for in one search.
    private static let maximumBatch = 64

    private let server: PasswordVaultServer
    private let names: AccountNames
    private let gatherer: Gatherer<Wanted, [PasswordVaultAccount]>

    init(server: PasswordVaultServer, names: AccountNames, time: TimeSource) {
        self.server = server
        self.names = names
        gatherer = Gatherer(limit: Self.maximumBatch, time: time) { (wanted) throws(BackendError) in
            try await Self.find(wanted, server, names)
        }
    }

    /// The account of a name.
    ///
    /// - Returns: nil where there is none.
    func only(_ name: SecretName) async throws(BackendError) -> PasswordVaultAccount? {
        guard let (text, safe) = names.account(of: name) else { return nil }
        let found = try await gatherer.answer(to: Wanted(name: text, safe: safe, words: words(of: name)))
        guard found.count > 1 else { return found.first }
        let places = found.map { "\($0.id) in \($0.safe)" }.joined(separator: ", ")
        throw .malformed(detail: "\(found.count) accounts are called \(text) (\(places)); say with safe which is meant")
    }

    /// All accounts that may be of a namespace.
    func namespace(_ namespace: String, tenant: String) async throws(BackendError) -> [PasswordVaultAccount] {
        let safe = names.safe(of: tenant)
        // A safe that cannot be there has none.
        if names.safe != nil, safe == nil { return [] }
        let search = names.names.layout == .scoped ? names.names.encode(namespace) : ""
        return try await Self.all(search, safe, server, names)
    }

    /// All accounts that may be of a tenant; nil: of any.
    func all(tenant: String?) async throws(BackendError) -> [PasswordVaultAccount] {
        if let tenant {
            let safe = names.safe(of: tenant)
            // A safe that cannot be there has none.
            if names.safe != nil, safe == nil { return [] }
            return try await Self.all("", safe, server, names)
        }
        return try await Self.all("", names.safeOfAll, server, names).filter { account in
            names.names.place(of: account.name).map { names.isMeant(account.safe, names.safe(of: $0.tenant)) } ?? false
        }
    }

    /// What new accounts of a name have as address and user name, and what is searched. nil where others name the
    /// accounts.
    func words(of name: SecretName) -> Wanted.Words? {
        guard names.names.layout == .scoped else { return nil }
        return Wanted.Words(address: names.names.encode(name.namespace), user: names.names.encode(name.key))
    }

    // MARK: Searching

    /// Several of one namespace are looked for with one search, and several of which only the names are known, too.
    private static func find(
        _ wanted: [Wanted],
        _ server: PasswordVaultServer,
        _ names: AccountNames
    ) async throws(BackendError) -> [Wanted: [PasswordVaultAccount]] {
        struct Place: Hashable {
            let safe: String?
            let address: String?
        }
        var answers: [Wanted: [PasswordVaultAccount]] = [:]
        for (place, group) in Dictionary(grouping: wanted, by: { Place(safe: $0.safe, address: $0.words?.address) }) {
            var search = place.address ?? ""
            if group.count == 1, let words = group[0].words { search = "\(words.user) \(words.address)" }
            let found = try await all(search, place.safe, server, names)
            for each in group { answers[each] = found.filter { $0.name.hasSameBytes(as: each.name) } }
        }
        return answers
    }

    /// - Parameter search: words with blanks in between; "" for everything.
    private static func all(
        _ search: String,
        _ safe: String?,
        _ server: PasswordVaultServer,
        _ names: AccountNames
    ) async throws(BackendError) -> [PasswordVaultAccount] {
        let action = "searching accounts\(safe.map { " of safe \($0)" } ?? "")"
        var query: [String] = []
        let words = search.split(separator: " ").joined(separator: " ")
        if !words.isEmpty { query = ["search=\(PercentEncoding.encode(words))", "searchType=contains"] }
        if let safe { query.append("filter=\(PercentEncoding.encode("safeName eq \(safe)"))") }
        var found: [PasswordVaultAccount] = []
        var offset = 0
        for _ in 0..<maximumPages {
            let page = query + ["offset=\(offset)", "limit=\(pageSize)"]
            let json = try await server.ask(.get, "Accounts?\(page.joined(separator: "&"))").json(action)
            guard let list = json.node("value"), json.kind(list) == .array else {
                throw .malformed(detail: "\(action) was answered with something that is no list")
            }
            let nodes = json.elements(of: list)
            for node in nodes {
                let account = try PasswordVaultAccount(node, in: json, action)
                // A server that does not know a filter answers as if it were not there.
                if names.isMeant(account.safe, safe) { found.append(account) }
            }
            offset += nodes.count
            // Its address is not followed: the next page begins where this one ends.
            guard !nodes.isEmpty, json.string(json.node("nextLink")) != nil else { return found }
        }
        throw .malformed(
            detail: "\(action): there are more than \(maximumPages * pageSize); narrow them down with safe"
        )
    }
}
