internal import SecretMemory
internal import Secrets

/// Makes, changes and deletes secrets that are told apart by their labels.
struct SecretWriter: Sendable {
    let client: AWSSecretsService
    let identity: AWSIdentity
    let directory: SecretDirectory
    /// Labels for everything that is written.
    let tags: [AWSTag]
    let recoveryDays: Int
    let time: TimeSource

    // MARK: Writing

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        let action = "writing \(write.name.namespace)/\(write.name.key)"
        try check(write, value)
        do throws(AWSFault) {
            if let record = try await record(of: write.name, includesDeleted: true) {
                return try await change(record, write, value: value, doing: action)
            }
            return try await create(write, value: value, doing: action)
        } catch {
            throw error.error(doing: action)
        }
    }

    private func check(_ write: SecretWrite, _ value: borrowing SecretBytes) throws(BackendError) {
        guard value.count <= AWSOptions.maximumValueBytes else {
            throw .tooLarge(limit: AWSOptions.maximumValueBytes)
        }
        guard value.count > 0 else { throw .unsupported(detail: "AWS Secrets Manager stores no empty values") }
        for key in write.tags.keys where AWSIdentity.reserved.contains(key) {
            throw .unsupported(detail: "the tag \(key) says whose a secret is, and cannot be chosen")
        }
        let tags = labels(of: write)
        for tag in tags where !tag.isStorable {
            throw .unsupported(
                detail: """
                    AWS stores no tag \(tag.key.debugDescription) with the value \(tag.value.debugDescription): letters, digits, \
                    spaces and _.:/=+-@ are allowed, at most \(AWSTag.maximumKeyCharacters) characters in its name and \
                    \(AWSTag.maximumValueCharacters) in its value
                    """
            )
        }
        guard tags.count <= AWSTag.maximumCount else {
            throw .unsupported(detail: "a secret has at most \(AWSTag.maximumCount) tags, and \(tags.count) are wanted")
        }
        guard identity.newName(for: write.name).utf8.count <= AWSNames.maximumCharacters else {
            throw .unsupported(
                detail: "the name has more than \(AWSNames.maximumCharacters) characters as AWS writes it"
            )
        }
        guard (write.description ?? "").unicodeScalars.count <= 2048 else {
            throw .unsupported(detail: "a description has at most 2048 characters")
        }
    }

    /// All labels that a new secret gets: those of the write before the configured ones.
    private func labels(of write: SecretWrite) -> [AWSTag] {
        let own = write.tags.sorted { $0.key < $1.key }.map { AWSTag(key: $0.key, value: $0.value) }
        let taken = identity.tags(of: write.name) + own
        return taken + tags.filter { tag in !taken.contains { $0.key.hasSameBytes(as: tag.key) } }
    }

    private func create(
        _ write: SecretWrite,
        value: borrowing SecretBytes,
        doing action: String
    ) async throws(AWSFault) -> String {
        let name = identity.newName(for: write.name)
        do throws(AWSFault) {
            let made = try await client.create(
                name,
                tags: labels(of: write),
                description: write.description,
                value: value,
                doing: action
            )
            remember(made.arn, write.name)
            return made.version
        } catch {
            // Somebody was faster, or a listing is behind, or the last one of this name is not quite gone.
            guard case .refused(let refusal) = error, refusal.isTaken || refusal.isScheduledForDeletion else {
                throw error
            }
            let record = try await client.description(of: name, doing: action)
            guard record.name.hasSameBytes(as: name), let owner = identity.owner(record.tags),
                owner.fits(namespace: write.name.namespace, key: write.name.key),
                owner.rank(for: write.name.tenant) != nil
            else {
                throw .failed(
                    .unsupported(
                        detail: """
                            the name \(name) belongs to a secret with other tags; give that one the tags of this, or delete it
                            """
                    )
                )
            }
            return try await change(record, write, value: value, doing: action)
        }
    }

    private func change(
        _ record: SecretRecord,
        _ write: SecretWrite,
        value: borrowing SecretBytes,
        doing action: String
    ) async throws(AWSFault) -> String {
        if record.isDeleted { try await client.restore(record.arn, doing: action) }
        do throws(AWSFault) {
            return try await changeOnce(record, write, value: value, doing: action)
        } catch {
            // A listing that is behind does not know that it was deleted.
            guard case .refused(let refusal) = error, refusal.isScheduledForDeletion, !record.isDeleted else {
                throw error
            }
            try await client.restore(record.arn, doing: action)
            return try await changeOnce(record, write, value: value, doing: action)
        }
    }

    /// The tags come first, so that a write that is not allowed to give them changes no value.
    private func changeOnce(
        _ record: SecretRecord,
        _ write: SecretWrite,
        value: borrowing SecretBytes,
        doing action: String
    ) async throws(AWSFault) -> String {
        let identityTags = identity.tags(of: write.name).map(\.key)
        let missing = labels(of: write).filter { !identityTags.contains($0.key) && !record.tags.has($0) }
        if !missing.isEmpty { try await client.tag(record.arn, missing, doing: action) }
        let description = write.description == record.description ? nil : write.description
        let version = try await client.write(record.arn, description: description, value: value, doing: action)
        if let owner = identity.owner(record.tags) {
            directory.made(.init(arn: record.arn, owner: owner), at: time.now())
        }
        return version
    }

    private func remember(_ arn: String, _ name: SecretName) {
        let tenant = name.tenant.isEmpty ? nil : name.tenant
        let owner = AWSIdentity.Owner(namespace: name.namespace, key: name.key, tenant: tenant)
        directory.made(.init(arn: arn, owner: owner), at: time.now())
    }

    // MARK: Deleting

    /// - Returns: false where there is none, or it is deleted already.
    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        let action = "deleting \(name.namespace)/\(name.key)"
        do throws(AWSFault) {
            let remembered: SecretDirectory.Place? =
                if case .at(let place) = directory.find(name, at: time.now()) { place } else { nil }
            let record = try await record(of: name, includesDeleted: false)
            guard let arn = record?.arn ?? remembered?.arn else { return false }
            defer { if let remembered { directory.forget(remembered) } }
            try await client.delete(arn, recoveryDays: recoveryDays, doing: action)
            return true
        } catch {
            if case .refused(let refusal) = error, refusal.isNotFound || refusal.isScheduledForDeletion { return false }
            throw error.error(doing: action)
        }
    }

    // MARK: Finding

    /// The secret as it is now, which is what a write must go by.
    ///
    /// - Parameter includesDeleted: whether one that is scheduled for deletion counts, where there is no other.
    private func record(of name: SecretName, includesDeleted: Bool) async throws(AWSFault) -> SecretRecord? {
        let records = try await client.list(
            SecretFinder.filters(AWSIdentity.key, values: [name.key]),
            includesDeleted: includesDeleted,
            doing: "searching for \(name.namespace)/\(name.key) by its tags",
            where: { record in
                identity.owner(record.tags)?.fits(namespace: name.namespace, key: name.key) == true
            }
        )
        for isDeleted in [false, true] {
            let candidates = records.filter { $0.isDeleted == isDeleted }
            let places = candidates.compactMap { record in
                identity.owner(record.tags).map { SecretDirectory.Place(arn: record.arn, owner: $0) }
            }
            switch SecretDirectory.choose(name, among: places) {
            case .at(let place): return candidates.first { $0.arn == place.arn }
            case .ambiguous(let addresses): throw .failed(.ambiguous(name, addresses))
            case .nowhere, .unknown: continue
            }
        }
        return nil
    }
}
