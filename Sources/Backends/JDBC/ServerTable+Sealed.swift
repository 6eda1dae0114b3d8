internal import Databases
internal import SecretMemory
internal import Secrets

/// The operations on sealed values, in the words of whichever server they are on.
extension ServerTable where Self: ~Copyable {
    // MARK: Reading

    borrowing func row(of name: SecretName, _ call: TableCall) throws(StoreFailure) -> StoredRow? {
        guard Self.canHold([name.tenant, name.namespace, name.key]) else { return nil }
        var parameters = DatabaseParameters()
        parameters.append(name)
        let found: [StoredRow] = try fetch(Statements.row(in: call.secrets), parameters, limit: 1, call)
        return found.first
    }

    borrowing func entries(_ query: ListQuery, _ call: TableCall) throws(StoreFailure) -> [StoredEntry] {
        let texts = [query.tenant, query.namespace, query.after, query.prefix]
        guard Self.canHold(texts) else { return [] }
        var parameters = DatabaseParameters()
        for text in texts { parameters.append(text) }
        parameters.append(Int64(query.limit))
        return try fetch(Statements.entries(in: call.secrets), parameters, limit: query.limit, call)
    }

    borrowing func namespaces(_ query: NamespaceQuery, _ call: TableCall) throws(StoreFailure) -> [NamespaceName] {
        let (after, tenant) = (query.after ?? NamespaceName(tenant: "", namespace: ""), query.tenant ?? "")
        guard Self.canHold([after.tenant, after.namespace, tenant]) else { return [] }
        var parameters = DatabaseParameters()
        parameters.append(Int64(query.after == nil ? 0 : 1))
        parameters.append(after.tenant)
        parameters.append(after.namespace)
        parameters.append(Int64(query.tenant == nil ? 0 : 1))
        parameters.append(tenant)
        parameters.append(Int64(query.limit))
        let statement = Statements.namespaces(in: call.secrets)
        let found: [StoredNamespace] = try fetch(statement, parameters, limit: query.limit, call)
        return found.map(\.name)
    }

    /// No row can have a name that the server's texts cannot hold.
    private static func canHold(_ texts: [String]) -> Bool {
        Statements.holdZeros || texts.allSatisfy(\.isFreeOfZeros)
    }

    // MARK: Writing

    borrowing func insert(_ content: StoredContent, _ call: TableCall) throws(StoreFailure) -> Bool {
        var parameters = DatabaseParameters()
        parameters.append(content)
        return try insert(Statements.insert(into: call.secrets), parameters, call)
    }

    borrowing func update(
        _ content: StoredContent,
        from version: Int64,
        _ call: TableCall
    ) throws(StoreFailure) -> Bool {
        var parameters = DatabaseParameters()
        parameters.append(content)
        parameters.append(version)
        return try changesOne(Statements.update(call.secrets), parameters, call)
    }

    borrowing func bury(_ name: SecretName, at version: Int64, _ call: TableCall) throws(StoreFailure) -> Bool {
        var parameters = DatabaseParameters()
        parameters.append(name)
        parameters.append(version)
        return try changesOne(Statements.bury(in: call.secrets), parameters, call)
    }

    // MARK: The secret

    borrowing func values(
        under identifier: [UInt8],
        after name: SecretName,
        limit: Int,
        _ call: TableCall
    ) throws(StoreFailure) -> [StoredSecret] {
        var parameters = DatabaseParameters()
        parameters.append(name)
        parameters.append(identifier.span)
        parameters.append(Int64(limit))
        return try fetch(Statements.values(in: call.secrets), parameters, limit: limit, call)
    }

    borrowing func reseal(
        _ secret: StoredSecret,
        as envelope: [UInt8],
        _ identifier: [UInt8],
        _ call: TableCall
    ) throws(StoreFailure) -> Bool {
        var parameters = DatabaseParameters()
        parameters.append(identifier.span)
        parameters.append(envelope.span)
        parameters.append(secret.name)
        parameters.append(secret.version)
        parameters.append(secret.envelope.span)
        return try changesOne(Statements.reseal(in: call.secrets), parameters, call)
    }

    borrowing func canary(_ call: TableCall) throws(StoreFailure) -> [UInt8]? {
        let found: [StoredCanary] = try fetch("SELECT canary FROM \(call.store)", limit: 1, call)
        return found.first?.envelope
    }

    borrowing func setCanary(
        _ envelope: [UInt8],
        replacing old: [UInt8]?,
        _ call: TableCall
    ) throws(StoreFailure) {
        var parameters = DatabaseParameters()
        parameters.append(envelope.span)
        if let old { parameters.append(old.span) } else { parameters.appendNullBytes() }
        try execute(Statements.setCanary(in: call.store), parameters, deadline: call.deadline)
    }
}

extension DatabaseParameters {
    fileprivate mutating func append(_ name: SecretName) {
        append(name.tenant)
        append(name.namespace)
        append(name.key)
    }

    /// Identifier, envelope, tags, description, and the name.
    fileprivate mutating func append(_ content: StoredContent) {
        append(content.identifier.span)
        append(content.envelope.span)
        append(content.tags)
        append(content.description)
        append(content.name)
    }
}
