internal import Secrets

/// Finds secrets by their labels: in what is remembered, else by a search that is shared with whoever else searches.
final class SecretFinder: Sendable {
    /// A secret that was found.
    struct Found: Sendable {
        let place: SecretDirectory.Place
        /// Whether it was remembered, so that it may have gone since.
        let isRemembered: Bool
    }

    private let identity: AWSIdentity
    private let directory: SecretDirectory
    private let searches: Gatherer<[UInt8], [SecretDirectory.Place]>
    private let time: TimeSource

    init(_ client: AWSSecretsService, identity: AWSIdentity, directory: SecretDirectory, time: TimeSource) {
        self.identity = identity
        self.directory = directory
        self.time = time
        searches = Gatherer(limit: ListFilter.maximumValues, time: time) { (keys) throws(BackendError) in
            try await Self.search(keys, client, identity)
        }
    }

    /// - Parameter isFresh: whether what is remembered does not count.
    /// - Returns: nil where there is no such secret.
    func find(_ name: SecretName, isFresh: Bool) async throws(BackendError) -> Found? {
        if !isFresh {
            switch directory.find(name, at: time.now()) {
            case .at(let place): return Found(place: place, isRemembered: true)
            case .nowhere: return nil
            // Somebody may have put it right.
            case .ambiguous, .unknown: break
            }
        }
        let places = try await searches.answer(to: Array(name.key.utf8))
        let now = time.now()
        directory.learn(places, of: name.key, at: now)
        // Asked again, it says beside what was listed what we made ourselves.
        switch directory.find(name, at: now) {
        case .at(let place): return Found(place: place, isRemembered: false)
        case .ambiguous(let addresses): throw .ambiguous(name, addresses)
        case .nowhere: return nil
        case .unknown: break
        }
        // There were too many to remember.
        switch SecretDirectory.choose(name, among: places) {
        case .at(let place): return Found(place: place, isRemembered: false)
        case .ambiguous(let addresses): throw .ambiguous(name, addresses)
        case .nowhere, .unknown: return nil
        }
    }

    /// One search for several keys: values of a filter are alternatives to each other.
    private static func search(
        _ keys: [[UInt8]],
        _ client: AWSSecretsService,
        _ identity: AWSIdentity
    ) async throws(BackendError) -> [[UInt8]: [SecretDirectory.Place]] {
        let wanted = Set(keys)
        var found: [[UInt8]: [SecretDirectory.Place]] = [:]
        for key in keys { found[key] = [] }
        let action = "searching for secrets by their tags"
        do throws(AWSFault) {
            let texts = keys.map { String(decoding: $0, as: UTF8.self) }
            let records = try await client.list(
                filters(AWSIdentity.key, values: texts),
                doing: action,
                where: { record in
                    identity.owner(record.tags).map { wanted.contains(Array($0.key.utf8)) } ?? false
                }
            )
            for record in records {
                guard let owner = identity.owner(record.tags) else { continue }
                found[Array(owner.key.utf8), default: []].append(.init(arn: record.arn, owner: owner))
            }
        } catch {
            throw error.error(doing: action)
        }
        return found
    }

    /// What narrows a listing down to secrets with one of some values of a label, as far as AWS can.
    static func filters(_ label: String, values: [String]) -> [ListFilter] {
        let beginnings = values.map(AWSIdentity.filterValue)
        let named = [ListFilter(key: "tag-key", values: [label])]
        return beginnings.contains("") ? named : named + [ListFilter(key: "tag-value", values: beginnings)]
    }
}

extension BackendError {
    /// Whichever was taken could be the wrong one.
    static func ambiguous(_ name: SecretName, _ addresses: [String]) -> BackendError {
        .unsupported(
            detail: """
                \(name.namespace)/\(name.key) is \(addresses.count) secrets with the same tags: \
                \(addresses.prefix(5).joined(separator: ", ")); delete all but one, or change their tags
                """
        )
    }
}
