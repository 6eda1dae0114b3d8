internal import Secrets
internal import Wire

/// Answers one method. Runs on the loop's thread and must not block it.
///
/// Of classes, because a loop would copy anything else to call it.
protocol RequestHandler: AnyObject, Sendable {
    var metric: RequestMetric { get }
    /// Whether a fenced agent has to refuse it.
    var isAboutSecrets: Bool { get }

    /// Answers, or lets the request wait, or says why not.
    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure)
}

extension RequestHandler {
    var isAboutSecrets: Bool { false }
}

/// A request on its way through a loop.
struct RequestCall {
    let header: FrameHeader
    let session: Session
    let loop: ConnectionLoop
    let startedAt: BootInstant

    var id: UInt32 { header.id }
    var access: Access { session.access }
    var snapshot: Snapshot { loop.snapshot }
}

/// The handlers, by their methods' numbers.
enum RequestHandlers {
    private static let table: [(any RequestHandler)?] = {
        var table = [(any RequestHandler)?](repeating: nil, count: 64)
        func set(_ method: Method, _ handler: any RequestHandler) { table[Int(method.rawValue)] = handler }
        set(.getSecret, GetSecretHandler())
        set(.getSecrets, GetSecretsHandler())
        set(.listSecrets, ListSecretsHandler())
        set(.putSecret, PutSecretHandler())
        set(.deleteSecret, DeleteSecretHandler())
        set(.whoAmI, WhoAmIHandler())
        set(.explain, ExplainHandler())
        set(.health, HealthHandler())
        set(.watchHealth, WatchHealthHandler())
        set(.heartbeat, HeartbeatHandler())
        set(.listNodes, ListNodesHandler())
        set(.evict, EvictHandler())
        return table
    }()

    /// nil for a method that this agent does not have.
    static func find(_ method: Method) -> (any RequestHandler)? {
        Int(method.rawValue) < table.count ? table[Int(method.rawValue)] : nil
    }
}
