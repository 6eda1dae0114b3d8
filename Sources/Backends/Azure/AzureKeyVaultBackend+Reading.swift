internal import HTTP
internal import SecretMemory
internal import Secrets

extension AzureKeyVaultBackend {
    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        if let version, !Self.isVersion(version) { return nil }
        guard options.seesForeignNames else { return try await readOwn(name, version) }
        // What the last listing knew spares a request that would find nothing, and the labels are checked again in any case.
        if let place = try foreignPlace(of: name, in: listing().kept) {
            if let found = try await read(place, version, as: name, isOwn: false) { return found }
        }
        if let found = try await readOwn(name, version) { return found }
        let snapshot = try await listing().snapshot(youngerThan: options.listingLifetime)
        guard let place = try foreignPlace(of: name, in: snapshot) else { return nil }
        return try await read(place, version, as: name, isOwn: false)
    }

    private func readOwn(_ name: SecretName, _ version: String?) async throws(BackendError) -> FetchedSecret? {
        guard let own = try naming.vaultName(of: name) else { return nil }
        return try await read(own, version, as: name, isOwn: true)
    }

    /// The vault's name of the secret by others that is nearest to a name.
    private func foreignPlace(of name: SecretName, in snapshot: KeyVaultListing.Snapshot?) throws(BackendError)
        -> String?
    {
        var nearest: (secret: KeyVaultSecret, closeness: Int)?
        var rival: KeyVaultSecret?
        for secret in snapshot?.candidates(name.key) ?? [] {
            guard let closeness = foreign.closeness(of: secret.name, secret.tags, to: name) else { continue }
            if closeness > nearest?.closeness ?? -1 {
                nearest = (secret, closeness)
                rival = nil
            } else if closeness == nearest?.closeness {
                rival = secret
            }
        }
        guard let nearest else { return nil }
        if let rival {
            throw .malformed(
                detail:
                    "two secrets of the vault have the same tags for \(name.key): \(nearest.secret.name) and \(rival.name)"
            )
        }
        return nearest.secret.name
    }

    /// Reads a secret of the vault, which counts only where its labels say that it is the one that is meant.
    private func read(
        _ vaultName: String,
        _ version: String?,
        as name: SecretName,
        isOwn: Bool
    ) async throws(BackendError) -> FetchedSecret? {
        let action = "reading \(name.key) (\(vaultName) in the vault)"
        let answer = try await vault().ask(.get, "/secrets/\(vaultName)" + (version.map { "/\($0)" } ?? ""))
        guard answer.isSuccess else {
            let refusal = answer.refusal
            if refusal == .missing || options.takesForbiddenForMissing && refusal == .noPermission { return nil }
            throw answer.error(doing: action)
        }
        guard let secret = answer.secret, secret.hasName(vaultName), !secret.version.isEmpty else {
            throw .malformed(detail: "\(action): the answer is not that secret")
        }
        let isMeant =
            isOwn
            ? secret.tags.identify(name, prefix: naming.prefix)
            : foreign.closeness(of: secret.name, secret.tags, to: name) != nil
        guard isMeant, secret.tags.satisfy(options.filter) else { return nil }
        let lifetime = try lifetime(of: secret, action)
        return FetchedSecret(
            value: try value(answer.json, secret, action),
            version: secret.version,
            lifetime: lifetime
        )
    }

    /// How long the value may be used.
    ///
    /// - Returns: nil for always.
    private func lifetime(of secret: KeyVaultSecret, _ action: String) throws(BackendError) -> Duration? {
        guard options.enforcesDates else { return nil }
        let now = time.wall()
        if let start = secret.notBefore, milliseconds(start) > now {
            throw .forbidden(detail: "\(action): the secret is not valid yet; see enforce-dates")
        }
        guard let end = secret.expires.map(milliseconds) else { return nil }
        guard end > now else { throw .forbidden(detail: "\(action): the secret has expired; see enforce-dates") }
        return .milliseconds(end - now)
    }

    private func milliseconds(_ seconds: Int64) -> Int64 { min(max(seconds, 0), 1 << 40) * 1000 }

    private func value(
        _ document: borrowing JSONDocument,
        _ secret: KeyVaultSecret,
        _ action: String
    ) throws(BackendError) -> SecretBytes {
        guard let node = document.node("value"), document.kind(node) == .string else {
            throw .malformed(detail: "\(action): the answer has no value")
        }
        switch StoredForm(contentType: secret.contentType) {
        case .text:
            return try BackendError.mappingMemory { () throws(MemoryError) in try document.secret(node) }
        case .bytes:
            do throws(Base64.Failure) { return try document.base64(node) } catch {
                switch error {
                case .memory(let error): throw .memory(error)
                case .malformed: throw .malformed(detail: "\(action): its content type says Base64, and it is not")
                }
            }
        }
    }

    /// Anything else would lead to another place of the vault.
    private static func isVersion(_ version: String) -> Bool {
        (1...64).contains(version.utf8.count)
            && version.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                default: false
                }
            }
    }

    // MARK: Listing

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        // A first page shows what there is now; those after it go on with the same.
        let age = query.after.isEmpty ? .zero : options.listingLifetime
        let snapshot = try await listing().snapshot(youngerThan: age)
        var entries: [SecretEntry] = []
        for secret in snapshot.secrets {
            guard let key = key(of: secret, in: query), key.utf8.starts(with: query.prefix.utf8),
                query.after.utf8.lexicographicallyPrecedes(key.utf8)
            else { continue }
            entries.append(
                SecretEntry(
                    namespace: query.namespace,
                    key: key,
                    updatedAt: secret.updated.map(milliseconds),
                    description: secret.tags[.description],
                    tags: secret.tags.free
                )
            )
        }
        entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        // Two secrets of one key differ in what they are limited to; which of them is meant, a read decides.
        var last: String?
        entries = entries.filter { entry in
            defer { last = entry.key }
            return last.map { !$0.hasSameBytes(as: entry.key) } ?? true
        }
        return ListPage(entries: Array(entries.prefix(query.limit)), hasMore: entries.count > query.limit)
    }

    private func key(of secret: KeyVaultSecret, in query: ListQuery) -> String? {
        if options.seesForeignNames {
            return foreign.key(of: secret.name, secret.tags, tenant: query.tenant, namespace: query.namespace)
        }
        guard let name = secret.tags.name, name.tenant.hasSameBytes(as: query.tenant),
            name.namespace.hasSameBytes(as: query.namespace)
        else { return nil }
        return name.key
    }
}
