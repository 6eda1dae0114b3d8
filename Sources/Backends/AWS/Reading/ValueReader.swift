internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Reads values: several in one call where they are asked for together and AWS lets us, else one by one.
final class ValueReader: Sendable {
    /// Most secrets in one call.
    static let maximumBatch = 20

    /// What became of one of several.
    private enum Answer: Sendable {
        case found(SharedSecret, version: String)
        case none
        case failed(BackendError)
        /// It has to be asked for by itself.
        case alone
    }

    private let client: AWSSecretsService
    private let gatherer: Gatherer<String, Answer>
    private let isBatchOff: Switch

    /// Shared with the gatherer's closure, which must not hold the reader.
    private final class Switch: Sendable {
        let isOn = Atomic(false)
    }

    init(_ client: AWSSecretsService, time: TimeSource, notices: @escaping BackendNotices) {
        let isBatchOff = Switch()
        self.client = client
        self.isBatchOff = isBatchOff
        gatherer = Gatherer(limit: Self.maximumBatch, time: time) { (ids) throws(BackendError) in
            if ids.count == 1, let id = ids.first { return [id: await Self.one(id, client)] }
            if isBatchOff.isOn.load(ordering: .relaxed) { return Self.alone(ids) }
            return try await Self.several(ids, client) { refusal in
                guard !isBatchOff.isOn.exchange(true, ordering: .relaxed) else { return }
                notices(
                    """
                    aws-secret-manager: BatchGetSecretValue is not allowed (\(refusal.code)), so values are read one by one; \
                    allow it to save calls
                    """
                )
            }
        }
    }

    /// Whether values are read one by one for good.
    var readsOneByOne: Bool { isBatchOff.isOn.load(ordering: .relaxed) }

    /// - Parameter id: an address or a name. A name must be the secret's whole name.
    /// - Returns: nil where AWS says that there is none.
    func read(_ id: String, version: String?) async throws(BackendError) -> FetchedSecret? {
        if version == nil, !readsOneByOne {
            switch try await gatherer.answer(to: id) {
            case .found(let secret, let version):
                return try BackendError.mappingMemory { () throws(MemoryError) in
                    FetchedSecret(value: try secret.value.copy(), version: version)
                }
            case .none: return nil
            case .failed(let error): throw error
            case .alone: break
            }
        }
        guard let found = try await Self.value(id, version: version, client) else { return nil }
        let number = found.version
        return FetchedSecret(value: found.value, version: number)
    }

    private static func value(
        _ id: String,
        version: String?,
        _ client: AWSSecretsService
    ) async throws(BackendError) -> AWSValue? {
        let action = "reading \(id)"
        do throws(AWSFault) {
            let found = try await client.value(of: id, version: version, doing: action)
            if found.arn.hasSameBytes(as: id) || found.name.hasSameBytes(as: id) { return found }
            // A name that looks like the beginning of an address may find somebody else's.
            guard id.hasPrefix("arn:") else { return nil }
            throw AWSFault.failed(.malformed(detail: "\(action) was answered with another secret"))
        } catch {
            if case .refused(let refusal) = error, refusal.isNotFound || refusal.isScheduledForDeletion { return nil }
            throw error.error(doing: action)
        }
    }

    // MARK: Together

    private static func alone(_ ids: [String]) -> [String: Answer] {
        Dictionary(ids.map { ($0, .alone) }, uniquingKeysWith: { first, _ in first })
    }

    private static func one(_ id: String, _ client: AWSSecretsService) async -> Answer {
        do throws(BackendError) {
            guard let found = try await value(id, version: nil, client) else { return .none }
            let version = found.version
            return .found(SharedSecret(found.value), version: version)
        } catch {
            return .failed(error)
        }
    }

    private static func several(
        _ ids: [String],
        _ client: AWSSecretsService,
        _ switchOff: (AWSRefusal) -> Void
    ) async throws(BackendError) -> [String: Answer] {
        let action = "reading \(ids.count) secrets"
        do throws(AWSFault) {
            return answers(try await client.values(of: ids, doing: action), for: ids)
        } catch {
            switch error {
            case .refused(let refusal) where refusal.isForbidden || refusal.isUnknownOperation:
                switchOff(refusal)
                return alone(ids)
            case .refused(let refusal) where refusal.isNotFound: return alone(ids)
            // All of them together may be too much for one answer, which each of them is not.
            case .failed(.malformed): return alone(ids)
            default: throw error.error(doing: action)
            }
        }
    }

    /// One answer for each, by address or by name, in whichever order they came.
    private static func answers(_ document: borrowing JSONDocument, for ids: [String]) -> [String: Answer] {
        var answers = alone(ids)
        let values = document.node("SecretValues").map { document.elements(of: $0) } ?? []
        for node in values {
            do throws(BackendError) {
                let found = try AWSValue(node, of: document, account: .http, doing: "reading several secrets")
                let (arn, name, version) = (found.arn, found.name, found.version)
                let secret = SharedSecret(found.value)
                for id in [arn, name] where answers[id] != nil { answers[id] = .found(secret, version: version) }
            } catch {
                // Asked for by itself, it fails in its own words.
                continue
            }
        }
        let errors = document.node("Errors").map { document.elements(of: $0) } ?? []
        for node in errors {
            guard let id = document.string(document.node("SecretId", in: node)), answers[id] != nil,
                AWSRefusal(code: document.string(document.node("ErrorCode", in: node)) ?? "").isNotFound
            else { continue }
            answers[id] = Answer.none
        }
        return answers
    }
}
