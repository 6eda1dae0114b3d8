internal import HTTP
package import SecretMemory
package import Secrets

/// AWS Secrets Manager, with the credentials of one scope.
package final class AWSSecretsBackend: SecretBackend {
    private let options: AWSOptions
    private let client: AWSSecretsService
    private let directory: SecretDirectory
    private let reader: ValueReader
    private let time: TimeSource
    private let notices: BackendNotices
    private let layout: Layout

    private enum Layout: Sendable {
        case tagged(AWSIdentity, SecretFinder)
        case named(AWSNames)
    }

    /// Asks nothing yet.
    init(_ options: AWSOptions, client: AWSSecretsService, time: TimeSource, notices: @escaping BackendNotices) {
        self.options = options
        self.client = client
        self.time = time
        self.notices = notices
        directory = SecretDirectory()
        reader = ValueReader(client, time: time, notices: notices)
        switch options.layout {
        case .tagged(let identity):
            layout = .tagged(
                identity,
                SecretFinder(client, identity: identity, directory: directory, time: time)
            )
        case .named(let names): layout = .named(names)
        }
    }

    // MARK: SecretBackend

    package var capabilities: BackendCapabilities {
        options.isReadOnly ? [.list, .versions] : [.list, .versions, .write]
    }

    package func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        if let version, !Self.isVersion(version) { return nil }
        switch layout {
        case .tagged(_, let finder): return try await get(name, version, by: finder)
        case .named(let names): return try await get(name, version, by: names)
        }
    }

    package func place(of name: SecretName) -> String {
        switch layout {
        case .tagged(let identity, _):
            let tags = identity.tags(of: name).map { "\($0.key)=\($0.value)" }
            return "the secret with the tags \(tags.joined(separator: ", "))"
        case .named(let names): return names.name(of: name.key) ?? "no secret: its name cannot be \(name.key)"
        }
    }

    package func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        try await writer().put(write, value: value)
    }

    package func delete(_ name: SecretName) async throws(BackendError) -> Bool { try await writer().delete(name) }

    private func writer() throws(BackendError) -> SecretWriter {
        guard !options.isReadOnly, case .tagged(let identity, _) = layout else { throw .readOnly }
        return SecretWriter(
            client: client,
            identity: identity,
            directory: directory,
            tags: options.tags,
            recoveryDays: options.recoveryDays,
            time: time
        )
    }

    package func connect() async throws(BackendError) {
        do throws(AWSFault) {
            try await client.probe()
        } catch {
            // Who may only read secrets by their names has shown who he is by being told so.
            guard case .refused(let refusal) = error, refusal.isForbidden, case .named = layout else {
                throw error.error(doing: "connecting")
            }
            notices("aws-secret-manager: ListSecrets is not allowed, so secrets can be read and not listed")
        }
        notices("aws-secret-manager: connected to \(try await client.description())")
    }

    package func close() async { client.close() }

    // MARK: Reading

    /// AWS takes versions of 32 to 64 characters only, so no other can be there.
    private static func isVersion(_ version: String) -> Bool {
        (32...64).contains(version.utf8.count) && version.utf8.allSatisfy(PercentEncoding.isUnreserved)
    }

    private func get(
        _ name: SecretName,
        _ version: String?,
        by finder: SecretFinder
    ) async throws(BackendError) -> FetchedSecret? {
        guard let found = try await finder.find(name, isFresh: false) else { return nil }
        if let secret = try await reader.read(found.place.arn, version: version) { return secret }
        // A place that was remembered may have another secret by now.
        guard found.isRemembered else { return nil }
        directory.forget(found.place)
        guard let again = try await finder.find(name, isFresh: true), again.place != found.place else { return nil }
        return try await reader.read(again.place.arn, version: version)
    }

    private func get(
        _ name: SecretName,
        _ version: String?,
        by names: AWSNames
    ) async throws(BackendError) -> FetchedSecret? {
        guard let id = names.name(of: name.key) else { return nil }
        guard !names.demanded.isEmpty else { return try await reader.read(id, version: version) }
        let action = "looking at the tags of \(id)"
        do throws(AWSFault) {
            let record = try await client.description(of: id, doing: action)
            guard record.name.hasSameBytes(as: id), !record.isDeleted,
                names.demanded.allSatisfy(record.tags.has)
            else { return nil }
            return try await readChecked(record.arn, version)
        } catch {
            if case .refused(let refusal) = error, refusal.isNotFound { return nil }
            throw error.error(doing: action)
        }
    }

    private func readChecked(_ arn: String, _ version: String?) async throws(AWSFault) -> FetchedSecret? {
        do throws(BackendError) { return try await reader.read(arn, version: version) } catch { throw .failed(error) }
    }

    // MARK: Listing

    package func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let action = "listing \(query.namespace)"
        let entries: [SecretEntry]
        do throws(AWSFault) {
            switch layout {
            case .tagged(let identity, _): entries = try await self.entries(query, identity, doing: action)
            case .named(let names): entries = try await self.entries(query, names, doing: action)
            }
        } catch {
            throw error.error(doing: action)
        }
        let limit = max(1, query.limit)
        let rest = entries.filter { query.after.utf8.lexicographicallyPrecedes($0.key.utf8) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return ListPage(entries: Array(rest.prefix(limit)), hasMore: rest.count > limit)
    }

    private func entries(
        _ query: ListQuery,
        _ identity: AWSIdentity,
        doing action: String
    ) async throws(AWSFault) -> [SecretEntry] {
        let records = try await client.list(
            SecretFinder.filters(AWSIdentity.namespace, values: [query.namespace]),
            doing: action,
            where: { record in
                guard let owner = identity.owner(record.tags) else { return false }
                return owner.fits(namespace: query.namespace, key: owner.key) && owner.rank(for: query.tenant) != nil
                    && owner.key.utf8.starts(with: query.prefix.utf8)
            }
        )
        // A tenant's own secret stands before everybody's of the same key, as it does when it is read.
        var chosen: [[UInt8]: (rank: Int, record: SecretRecord)] = [:]
        for record in records {
            guard let owner = identity.owner(record.tags), let rank = owner.rank(for: query.tenant) else { continue }
            let key = Array(owner.key.utf8)
            if let other = chosen[key], other.rank <= rank { continue }
            chosen[key] = (rank, record)
        }
        return chosen.map { key, found in
            Self.entry(
                found.record,
                query.namespace,
                String(decoding: key, as: UTF8.self),
                hiding: AWSIdentity.reserved
            )
        }
    }

    private func entries(
        _ query: ListQuery,
        _ names: AWSNames,
        doing action: String
    ) async throws(AWSFault) -> [SecretEntry] {
        let beginning = names.keepsPrefix ? names.prefix : names.prefix + query.prefix
        let value = AWSIdentity.filterValue(beginning)
        let records = try await client.list(
            value.isEmpty ? [] : [ListFilter(key: "name", values: [value])],
            doing: action,
            where: { names.demanded.allSatisfy($0.tags.has) && names.key(of: $0.name) != nil }
        )
        return records.compactMap { record in
            guard let key = names.key(of: record.name), key.utf8.starts(with: query.prefix.utf8) else { return nil }
            return Self.entry(record, query.namespace, key, hiding: [])
        }
    }

    private static func entry(
        _ record: SecretRecord,
        _ namespace: String,
        _ key: String,
        hiding hidden: [String]
    ) -> SecretEntry {
        let tags = record.tags.all.filter { !hidden.contains($0.key) }.map { ($0.key, $0.value) }
        return SecretEntry(
            namespace: namespace,
            key: key,
            version: record.currentVersion,
            updatedAt: record.changedAt,
            description: record.description.flatMap { $0.isEmpty ? nil : $0 },
            tags: Dictionary(tags, uniquingKeysWith: { first, _ in first })
        )
    }
}
