internal import SecretMemory
internal import Wire

/// Reading, writing and listing secrets.
extension TacitClient {
    /// Reads one secret.
    ///
    /// - Throws: ``ClientError/refused(_:)`` where there is none or the caller may not have it, with
    ///   ``Reason/keyNotFound`` and the
    ///   other reasons.
    public mutating func get(_ reference: Reference) throws(ClientError) -> Secret {
        var secret: Secret?
        var memory: ClientError?
        try reference.withView { (view) throws(ClientError) in
            try call(.getSecret, view) { (payload) throws(Malformed) in
                let answer = try SecretView(decoding: payload)
                do throws(ClientError) { secret = try Secret(answer) } catch { memory = error }
            }
        }
        guard let found = secret.take() else { throw memory ?? .protocolViolation("there was no answer") }
        return found
    }

    /// Writes a value in the namespace named, and in no other.
    ///
    /// It is not repeated where the connection is lost after it was sent: whether it was carried out is then unknown.
    ///
    /// - Parameters:
    ///   - description: not a secret; it is listed.
    ///   - tags: not secrets; they are listed. At most 64.
    /// - Returns: the version that was written; empty where the secrets manager has none.
    @discardableResult
    public mutating func put(
        _ key: String,
        in namespace: String,
        value: Span<UInt8>,
        description: String = "",
        tags: [String: String] = [:],
        tenant: String? = nil
    ) throws(ClientError) -> String {
        guard tags.count <= WireLimits.tags else {
            throw .configuration("a secret has at most \(WireLimits.tags) tags")
        }
        var version = ""
        let write = PutSecretView(
            namespace: namespace.utf8.span,
            key: key.utf8.span,
            value: value,
            description: description.utf8.span,
            tags: tags,
            tenant: (tenant ?? "").utf8.span
        )
        try call(.putSecret, write, repeatable: false) { (payload) throws(Malformed) in
            version = try PutSecretAnswer(decoding: payload).version
        }
        return version
    }

    /// Deletes a secret in the namespace named, and in no other. As with
    /// ``put(_:in:value:description:tags:tenant:)``, it is not repeated.
    public mutating func delete(_ key: String, in namespace: String, tenant: String? = nil) throws(ClientError) {
        let request = DeleteSecretView(
            namespace: namespace.utf8.span,
            key: key.utf8.span,
            tenant: (tenant ?? "").utf8.span
        )
        try call(.deleteSecret, request, repeatable: false) { (payload) throws(Malformed) in
            _ = try EmptyMessage(decoding: payload)
        }
    }

    /// Reads one page of names and metadata, never a value.
    public mutating func list(_ query: ListQuery) throws(ClientError) -> SecretPage {
        var page = SecretPage(ListSecretsAnswer())
        let request = ListSecretsView(
            namespace: query.namespace.utf8.span,
            prefix: query.prefix.utf8.span,
            inherited: query.inherited,
            pageToken: (query.pageToken ?? "").utf8.span,
            pageSize: query.pageSize,
            tenant: (query.tenant ?? "").utf8.span
        )
        try call(.listSecrets, request) { (payload) throws(Malformed) in
            page = SecretPage(try ListSecretsAnswer(decoding: payload))
        }
        return page
    }

    /// Reads all pages from the query's page on, each as a call of its own.
    ///
    /// - Throws: ``ClientError/protocolViolation(_:)`` also where a page's token does not lead on.
    public mutating func listAll(_ query: ListQuery) throws(ClientError) -> [SecretEntry] {
        var query = query
        var entries: [SecretEntry] = []
        while true {
            let page = try list(query)
            entries += page.entries
            guard let token = page.nextPageToken else { return entries }
            guard token != query.pageToken else { throw .protocolViolation("a listing's next page is the same page") }
            query.pageToken = token
        }
    }
}

extension Reference {
    /// Lends the reference in the form in which it is sent.
    func withView<Failure: Error>(_ body: (ReferenceView) throws(Failure) -> Void) throws(Failure) {
        let subkey = subkey ?? ""
        let version = version ?? ""
        let tenant = tenant ?? ""
        try body(
            ReferenceView(
                namespace: namespace.utf8.span,
                key: key.utf8.span,
                subkey: subkey.utf8.span,
                version: version.utf8.span,
                maximumAge: maximumAge?.wholeMilliseconds,
                tenant: tenant.utf8.span
            )
        )
    }
}
