import Secrets

/// The error of a call; nil where it worked.
func backendError<Result: ~Copyable>(_ call: () async throws(BackendError) -> Result) async -> BackendError? {
    do throws(BackendError) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

extension SecretBackend {
    /// Why a key cannot be read; nil where it can.
    func failure(_ key: String = "KEY") async -> BackendError? {
        await backendError { () throws(BackendError) in try await get(name(key), version: nil) == nil }
    }
}

extension BackendError {
    /// The name of the case.
    var kind: String { String("\(self)".prefix { $0 != "(" }) }

    /// The words for the operator; "" where there are none.
    var detail: String {
        switch self {
        case .unavailable(let detail, _), .denied(let detail), .malformed(let detail), .unsupported(let detail): detail
        default: ""
        }
    }
}

extension BackendError? {
    /// The name of the case, "none" without an error.
    var kind: String { self?.kind ?? "none" }
}
