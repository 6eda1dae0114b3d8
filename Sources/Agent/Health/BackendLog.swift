internal import Logging
internal import Secrets
internal import Synchronization

/// Tells the operator what is wrong with the manager of one scope, once in a while and not once a request.
final class BackendLog: Sendable {
    /// The same trouble is logged again after this long.
    static let repeatAfter: Duration = .seconds(10)

    private let log: Logger
    private let scope: String
    private let last = Mutex<[String: BootInstant]>([:])

    init(_ log: Logger, scope: String) {
        self.log = log
        self.scope = scope
    }

    func note(_ error: BackendError) {
        let (kind, detail) = Self.words(error)
        let now = BootInstant.now
        let isDue = last.withLock { last in
            if let before = last[kind], now < before.advanced(by: Self.repeatAfter) { return false }
            last[kind] = now
            return true
        }
        guard isDue else { return }
        log.error("the secrets manager failed: \(kind)", metadata: ["scope": "\(scope)", "detail": "\(detail)"])
    }

    static func words(_ error: BackendError) -> (kind: String, detail: String) {
        switch error {
        case .unavailable(let detail, _): ("unavailable", detail)
        case .throttled: ("throttled", "it asks for fewer requests")
        case .denied(let detail): ("denied", detail)
        case .forbidden(let detail): ("forbidden", detail)
        case .malformed(let detail): ("malformed", detail)
        case .readOnly: ("read-only", "a write was refused")
        case .unsupported(let detail): ("unsupported", detail)
        case .conflict: ("conflict", "others kept writing the same secret")
        case .tooLarge(let limit): ("too large", "a value was larger than \(limit) bytes")
        case .memory(let error): ("memory", "\(error)")
        }
    }
}
