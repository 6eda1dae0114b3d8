package import Secrets

/// Copies the secrets of one configuration's managers to those of another: first a plan, and then what it says. Values are in
/// locked memory only, and nothing is ever deleted.
package struct Migration: Sendable {
    private let source: Party
    private let target: Party
    private let options: MigrationOptions
    private let stop: StopRequest
    private let progress: @Sendable (MigrationProgress) -> Void

    /// - Parameters:
    ///   - stop: where it is made, nothing new is begun.
    ///   - progress: is told often how far it is, by one task at a time.
    package init(
        source: ScopeTable,
        target: ScopeTable,
        options: MigrationOptions = MigrationOptions(),
        stop: StopRequest = StopRequest(),
        progress: @escaping @Sendable (MigrationProgress) -> Void = { _ in }
    ) {
        self.source = Party(side: .source, scopes: source, limits: options.limits)
        self.target = Party(side: .target, scopes: target, limits: options.limits)
        self.options = options
        self.stop = stop
        self.progress = progress
    }

    /// Lists and compares; writes nothing.
    ///
    /// - Parameter past: what an earlier run has done.
    package func plan(
        _ selection: MigrationSelection,
        resuming past: JournalContent = JournalContent()
    ) async throws(MigrationFailure) -> MigrationPlan {
        let inventory = Inventory(source: source, selection: selection, stop: stop)
        progress(MigrationProgress(phase: .listing, done: 0, total: nil))
        let places = try await inventory.places()
        let listed = try await inventory.secrets(of: places) { count in
            progress(MigrationProgress(phase: .listing, done: count, total: nil))
        }
        var judged: [PlannedSecret] = []
        var open: [PlannedSecret] = []
        for secret in listed {
            var secret = secret
            secret.wasBegun = past.begun.contains(secret.name)
            // What the source has written since is looked at again.
            if past.finished[secret.name]?.hasSameBytes(as: secret.version) == true {
                secret.verdict = .carriedBefore
                judged.append(secret)
            } else {
                open.append(secret)
            }
        }
        let openPlaces = Set(open.map(\.place)).sorted()
        let comparison = try await Comparison.prepare(
            openPlaces,
            source: source,
            target: target,
            options: options,
            stop: stop
        )
        var crowded: [PlannedSecret] = []
        // Many large values at once may need more memory than there is; one at a time they do not.
        for isAlone in [false, true] {
            let secrets = isAlone ? crowded : open
            let breadth = isAlone ? 1 : options.limits.breadth
            try await Crew.run(secrets, breadth: breadth) { (secret) throws(MigrationFailure) in
                (secret, try await comparison.judge(secret, isAlone: isAlone))
            } each: { secret, verdict in
                guard let verdict else { return crowded.append(secret) }
                judged.append(verdict)
                progress(MigrationProgress(phase: .comparing, done: judged.count, total: listed.count))
            }
        }
        return MigrationPlan(judged.sorted { Inventory.precedes($0.name, $1.name) }, options)
    }

    /// Writes what the plan says, reads it back and compares.
    ///
    /// - Parameter journal: is told of each secret.
    /// - Returns: what became of the secrets, and why it ended where it did not come to its end.
    package func carryOut(_ plan: MigrationPlan, _ journal: Journal) async -> MigrationOutcome {
        let secrets = plan.written
        var outcome = MigrationOutcome()
        do throws(MigrationFailure) {
            for start in stride(from: 0, to: secrets.count, by: max(1, options.limits.page)) {
                let batch = secrets[start..<min(secrets.count, start + max(1, options.limits.page))]
                try await carry(Array(batch), journal, of: secrets.count, &outcome)
            }
        } catch {
            outcome.end = error
        }
        do throws(JournalFailure) { try journal.makeDurable() } catch { outcome.end = outcome.end ?? .journal(error) }
        return outcome
    }

    private func carry(
        _ batch: [PlannedSecret],
        _ journal: Journal,
        of total: Int,
        _ outcome: inout MigrationOutcome
    ) async throws(MigrationFailure) {
        let described = options.carriesMetadata ? batch.filter { !$0.metadata.isEmpty } : []
        let unchecked = Set(described.map(\.name))
        var copied: Set<SecretName> = []
        var crowded: [PlannedSecret] = []
        var result = outcome
        func note(_ secret: PlannedSecret, _ single: Carrier.Outcome) {
            switch single {
            case .copied:
                copied.insert(secret.name)
                result.copied += 1
            case .vanished: result.vanished += 1
            case .failed(let reason): result.failed.append(FailedSecret(name: secret.name, reason: reason))
            case .lacksMemory: crowded.append(secret)
            }
            progress(MigrationProgress(phase: .copying, done: result.total, total: total))
        }
        var failure: MigrationFailure?
        do throws(MigrationFailure) {
            try await Crew.run(batch, breadth: options.limits.breadth) { (secret) throws(MigrationFailure) in
                (secret, try await carry(secret, unchecked, journal))
            } each: {
                note($0, $1)
            }
            // Many large values at once may need more memory than there is; one at a time they do not.
            let alone = crowded
            crowded = []
            try await Crew.run(alone, breadth: 1) { (secret) throws(MigrationFailure) in
                (secret, try await carry(secret, unchecked, journal))
            } each: {
                note($0, $1)
            }
            for secret in crowded {
                note(secret, .failed("there is no locked memory for it: raise the limit of locked memory"))
            }
        } catch {
            failure = error
        }
        outcome = result
        if let failure { throw failure }
        try await check(described.filter { copied.contains($0.name) }, journal, &outcome)
    }

    private func carry(
        _ secret: PlannedSecret,
        _ unchecked: Set<SecretName>,
        _ journal: Journal
    ) async throws(MigrationFailure) -> Carrier.Outcome {
        guard !stop.isMade else { throw .stopped }
        try journal.note(.begun(secret.name))
        let outcome = try await Carrier(source: source, target: target, options: options).carry(secret)
        if case .copied = outcome, !unchecked.contains(secret.name) {
            try journal.note(.finished(secret.name, version: secret.version))
        }
        return outcome
    }

    /// Reads descriptions and tags back.
    private func check(
        _ secrets: [PlannedSecret],
        _ journal: Journal,
        _ outcome: inout MigrationOutcome
    ) async throws(MigrationFailure) {
        for (place, secrets) in Dictionary(grouping: secrets, by: \.place).sorted(by: { $0.key < $1.key }) {
            let scope = try target.scope(of: place)
            var found: [SecretName: TargetEntry] = [:]
            if scope.backend.capabilities.contains(.list), let first = secrets.first, let last = secrets.last {
                // A key that is before the first and after none that matters.
                let after = String(first.name.key.unicodeScalars.dropLast())
                for entry in try await target.entries(place, after: after, last: last.name.key, stop) {
                    let name = SecretName(tenant: place.tenant, namespace: place.namespace, key: entry.key)
                    found[name] = TargetEntry(description: entry.description, tags: entry.tags)
                }
            }
            for secret in secrets {
                guard let entry = found[secret.name], secret.hasMetadata(in: entry) else {
                    outcome.copied -= 1
                    outcome.failed.append(
                        FailedSecret(
                            name: secret.name,
                            reason:
                                "the value was copied; its description and tags are not there as they are at the source"
                        )
                    )
                    continue
                }
                try journal.note(.finished(secret.name, version: secret.version))
            }
        }
    }
}

/// A secret that could not be copied.
package struct FailedSecret: Equatable, Sendable {
    package let name: SecretName
    /// For a person.
    package let reason: String
}

/// What became of what was planned.
package struct MigrationOutcome: Sendable {
    /// Written, read back and found equal.
    package internal(set) var copied = 0
    /// Gone from the source between listing and reading.
    package internal(set) var vanished = 0
    package internal(set) var failed: [FailedSecret] = []
    /// Why it ended before its end; nil where it did not.
    package internal(set) var end: MigrationFailure?

    var total: Int { copied + vanished + failed.count }
}

extension Journal {
    fileprivate func note(_ record: JournalRecord) throws(MigrationFailure) {
        do throws(JournalFailure) { try append(record) } catch { throw .journal(error) }
    }
}
