internal import SecretMemory
internal import Secrets

/// Copies one secret and makes sure that it arrived.
struct Carrier: Sendable {
    /// What became of a secret.
    enum Outcome: Sendable {
        case copied
        /// The source has it no longer.
        case vanished
        case failed(String)
        /// There was no locked memory for it beside the others.
        case lacksMemory
    }

    let source: Party
    let target: Party
    let options: MigrationOptions

    func carry(_ secret: PlannedSecret) async throws(MigrationFailure) -> Outcome {
        let (from, to) = (try source.scope(of: secret.place), try target.scope(of: secret.place))
        let value: SharedSecret
        do throws(BackendError) {
            guard let fetched = try await source.read(secret.name, from) else { return .vanished }
            value = fetched
        } catch {
            return try Self.outcome(source, from, error, "the source does not give it")
        }
        let write = options.write(secret)
        for attempt in 1...max(1, options.limits.writes) {
            do throws(BackendError) {
                _ = try await target.call(to, .write) { () throws(BackendError) in
                    try await to.backend.put(write, value: value.value)
                }
            } catch {
                // Whether it arrived nobody knows, so it is looked up; and writing the same again does no harm.
                guard case .unavailable = error, attempt < options.limits.writes, !Task.isCancelled else {
                    return try Self.outcome(target, to, error, "the target refuses it")
                }
                do throws(BackendError) {
                    // Waits for the manager as the budget says.
                    _ = try await target.read(secret.name, to)
                } catch {
                    return try Self.outcome(target, to, error, "the target does not take it")
                }
                continue
            }
            break
        }
        do throws(BackendError) {
            guard let there = try await target.read(secret.name, to) else {
                return .failed("the target took it, and does not have it")
            }
            let isSame = there.hasSameBytes(as: value)
            return isSame ? .copied : .failed("the target took it, and has another value")
        } catch {
            return try Self.outcome(target, to, error, "it was written and cannot be read back")
        }
    }

    private static func outcome(
        _ party: Party,
        _ scope: Scope,
        _ error: BackendError,
        _ context: String
    ) throws(MigrationFailure) -> Outcome {
        if case .memory = error { return .lacksMemory }
        guard error.concernsOneSecret else { throw party.failure(scope, error) }
        return .failed("\(context): \(error.words)")
    }
}
