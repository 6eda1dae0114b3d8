internal import HTTP
internal import SecretMemory
internal import Secrets

/// Accounts in the safes of a Privileged Access Manager.
final class PasswordVaultBackend: SecretBackend {
    let options: PasswordVaultOptions
    let server: PasswordVaultServer
    let search: AccountSearch
    let notices: BackendNotices

    init(
        options: PasswordVaultOptions,
        logon: PasswordVaultLogon,
        service: WebService,
        _ surroundings: ManagerSurroundings
    ) {
        self.options = options
        server = PasswordVaultServer(options.server, logon: logon, service: service, time: surroundings.time)
        search = AccountSearch(server: server, names: options.names, time: surroundings.time)
        notices = surroundings.notices
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        let isTelling: BackendCapabilities = options.names.names.tellNamespaces ? .namespaces : []
        return isTelling.union(options.isWritable ? [.list, .write] : .list)
    }

    /// A session, and a look at the accounts.
    func connect() async throws(BackendError) {
        try await server.logOn()
        _ = try await server.ask(.get, "Accounts?offset=0&limit=1").json("listing accounts")
    }

    func close() async { await server.close() }

    func place(of name: SecretName) -> String { options.names.place(of: name) }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        guard version == nil else { throw .unsupported(detail: "older versions of an account are not read") }
        guard let account = try await search.only(name) else { return nil }
        let action = "reading \(account.name)"
        let path = "Accounts/\(account.id)/\(account.isKey ? "Secret" : "Password")/Retrieve"
        let answer = try await server.ask(.post, path, body: try reason())
        if let refusal = answer.refusal {
            // Deleted since it was found.
            if refusal.isMissing { return nil }
            // Not the manager's trouble: somebody has to confirm each use of the account, or says why it is used.
            guard refusal.status != 400 || refusal.code == nil else {
                throw .forbidden(
                    detail: """
                        CyberArk does not hand \(account.name) out (\(refusal.words)): its platform may demand a \
                        reason, a \
                        ticket, a confirmation or a check-out
                        """
                )
            }
        }
        let json = try answer.json(action)
        guard json.kind(json.root) == .string else { throw .malformed(detail: "\(action) was answered with no text") }
        return FetchedSecret(value: try TextForm.read(json.root, in: json, doing: action), version: "")
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let found = try await search.namespace(query.namespace, tenant: query.tenant)
        let (rows, hasMore) = options.names.names.page(of: query, found) { $0.name }
        let entries = rows.map { row in
            SecretEntry(
                namespace: query.namespace,
                key: row.key,
                updatedAt: row.found.modified,
                tags: row.found.properties
            )
        }
        return ListPage(entries: entries, hasMore: hasMore)
    }

    var keptMetadata: KeptMetadata { .tags }

    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        options.names.names.page(of: query, try await search.all(tenant: query.tenant).map(\.name))
    }

    // MARK: Pieces

    private func reason() throws(BackendError) -> SharedSecret {
        try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            if let reason = options.reason {
                try writer.key("reason")
                try writer.string(reason)
            }
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
    }
}
