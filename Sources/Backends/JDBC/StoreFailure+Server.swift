internal import Databases
internal import SecretMemory
internal import Secrets

/// What can be wrong with a server, in words for the operator.
extension StoreFailure {
    func explained(_ place: SealedPlace) -> BackendError {
        switch self {
        case .refused(let error): error
        case .envelope(let error, let name): place.refusal(error, of: name)
        case .database(let error): Self.explain(error, place)
        // Nothing of a file has a part in this.
        case .library(let error): .unavailable(detail: "\(place.store): \(error)")
        case .system(_, let operation, let path): .unavailable(detail: "\(path): \(operation)")
        }
    }

    private static func explain(_ error: DatabaseError, _ place: SealedPlace) -> BackendError {
        let detail = "\(place.store): \(error)"
        return switch error.kind {
        case .refusedLogin:
            .denied(detail: "\(detail); correct \(place.section).username and \(place.section).password")
        case .missingPrivilege, .missingDatabase, .settings: .denied(detail: detail)
        case .missingTable:
            .malformed(detail: "\(detail); the statements that make the tables are in docs/backends/jdbc.md")
        case .duplicate, .constraint, .malformed, .tooLarge: .malformed(detail: detail)
        case .untrusted:
            .unavailable(
                detail: "\(detail); nothing was sent to it. Set \(place.section).ssl-root-cert to its authority"
            )
        case .exhausted: .unavailable(detail: detail, retryAfter: .milliseconds(500))
        case .readOnly: .unavailable(detail: "\(detail); writes go to the primary", retryAfter: .milliseconds(500))
        case .busy: .throttled(retryAfter: .milliseconds(100))
        case .cancelled: .unavailable(detail: "the caller gave up")
        case .closed: .unavailable(detail: "the store is closed")
        case .memory: .memory(.accountFull(.store))
        case .unreachable, .conflict, .timeout, .lost, .other: .unavailable(detail: detail)
        }
    }
}
