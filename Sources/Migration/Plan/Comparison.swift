internal import SecretMemory
internal import Secrets

/// Finds out what the target has of what is to be carried there. Values are compared in locked memory.
struct Comparison: Sendable {
    let source: Party
    let target: Party
    let options: MigrationOptions
    let stop: StopRequest
    /// What the target has in each namespace; nil where it cannot list, so that it is asked for each name.
    let present: [NamespaceName: [SecretName: TargetEntry]?]

    /// Reads the target's names.
    static func prepare(
        _ places: [NamespaceName],
        source: Party,
        target: Party,
        options: MigrationOptions,
        stop: StopRequest
    ) async throws(MigrationFailure) -> Comparison {
        for place in places {
            let scope = try target.scope(of: place)
            guard !scope.isReadOnly, scope.backend.capabilities.contains(.write) else {
                throw .refused("the target's manager of scope \(scope.name) (\(scope.type)) cannot be written to")
            }
        }
        var present: [NamespaceName: [SecretName: TargetEntry]?] = [:]
        try await Crew.run(places, breadth: target.limits.breadth) { (place) throws(MigrationFailure) in
            guard try target.scope(of: place).backend.capabilities.contains(.list) else {
                return (place, [SecretName: TargetEntry]?.none)
            }
            var found: [SecretName: TargetEntry] = [:]
            for entry in try await target.entries(place, stop) {
                let name = SecretName(tenant: place.tenant, namespace: place.namespace, key: entry.key)
                found[name] = TargetEntry(description: entry.description, tags: entry.tags)
            }
            return (place, .some(found))
        } each: { place, found in
            present[place] = .some(found)
        }
        return Comparison(source: source, target: target, options: options, stop: stop, present: present)
    }

    /// The secret with its verdict; nil where there was no locked memory for it beside others.
    ///
    /// - Parameter isAlone: whether no other is compared at the same time.
    func judge(_ secret: PlannedSecret, isAlone: Bool) async throws(MigrationFailure) -> PlannedSecret? {
        guard !stop.isMade else { throw .stopped }
        var judged = secret
        guard let verdict = try await verdict(secret, isAlone: isAlone) else { return nil }
        judged.verdict = verdict
        if options.carriesMetadata {
            judged.lost = secret.metadata.subtracting(try target.scope(of: secret.place).backend.keptMetadata)
        }
        return judged
    }

    private func verdict(_ secret: PlannedSecret, isAlone: Bool) async throws(MigrationFailure) -> Verdict? {
        let name = secret.name
        if let fault = NameRules.keyFault(name.key.utf8Span.span) { return .refused("its key \(fault)") }
        if let fault = NameRules.namespaceFault(name.namespace.utf8Span.span) {
            return .refused("its namespace \(fault)")
        }
        let (from, to) = (try source.scope(of: secret.place), try target.scope(of: secret.place))
        let value: SharedSecret
        do throws(BackendError) {
            guard let fetched = try await source.read(name, from) else { return .vanished }
            value = fetched
        } catch {
            return try Self.refusal(source, from, error, isAlone)
        }
        let write = options.write(secret)
        if let objection = to.backend.objection(to: write, bytes: value.value.count) {
            return .refused("the target refuses it: \(objection.words)")
        }
        let entry: TargetEntry?
        switch present[secret.place] ?? nil {
        case .some(let entries):
            guard let found = entries[name] else { return .new }
            entry = found
        case .none: entry = nil
        }
        let hasSameValue: Bool
        do throws(BackendError) {
            guard let there = try await target.read(name, to) else { return .new }
            hasSameValue = there.hasSameBytes(as: value)
        } catch {
            return try Self.refusal(target, to, error, isAlone)
        }
        guard hasSameValue else { return .differentValue }
        guard options.carriesMetadata, let entry else { return .equal }
        return secret.reduced(to: to.backend.keptMetadata).hasMetadata(in: entry) ? .equal : .differentMetadata
    }

    /// What concerns this secret alone is no reason to give up.
    private static func refusal(
        _ party: Party,
        _ scope: Scope,
        _ error: BackendError,
        _ isAlone: Bool
    ) throws(MigrationFailure) -> Verdict? {
        if case .memory = error, !isAlone { return nil }
        guard error.concernsOneSecret else { throw party.failure(scope, error) }
        return .refused("the \(party.side.rawValue) does not give it: \(error.words)")
    }
}

extension BackendError {
    /// Whether others of the same manager may fare better.
    var concernsOneSecret: Bool {
        switch self {
        case .unavailable, .throttled, .denied: false
        case .forbidden, .malformed, .readOnly, .unsupported, .conflict, .tooLarge, .memory: true
        }
    }
}

extension PlannedSecret {
    var place: NamespaceName { NamespaceName(tenant: name.tenant, namespace: name.namespace) }
}

extension MigrationOptions {
    func write(_ secret: PlannedSecret) -> SecretWrite {
        SecretWrite(
            name: secret.name,
            description: carriesMetadata ? secret.description : nil,
            tags: carriesMetadata ? secret.tags : [:]
        )
    }
}
