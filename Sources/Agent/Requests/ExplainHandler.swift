internal import SecretMemory
internal import Secrets
internal import Wire

/// Explain: what would be decided about the caller itself, by which rule, and where would be searched. It looks at rules
/// only, so it cannot tell whether the key exists.
final class ExplainHandler: RequestHandler {
    let metric = RequestMetric.explain

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: ExplainView
        do throws(Malformed) { request = try ExplainView(decoding: payload) } catch { throw .malformed(error) }
        guard let operation = Operation(name: request.operation) else {
            let known = Operation.allCases.map(\.rawValue).joined(separator: ", ")
            throw RequestFailure(
                status: .invalidArgument,
                reason: .malformedRequest,
                message: "unknown operation; known are \(known)"
            )
        }
        let key = request.key.isEmpty ? nil : request.key
        try call.check(namespace: request.namespace, key: key)
        let tenant = try call.tenant(named: request.tenant, "explain", request.namespace, request.key)
        let decision = call.decide(operation, tenant: tenant, namespace: request.namespace, key: key)
        var answer = ExplainAnswer(
            allowed: decision.isAllowed,
            reason: Reason(rawValue: decision.refusal?.rawValue ?? ""),
            rule: decision.rule,
            message: "",
            namespaces: [],
            scopes: []
        )
        if let refusal = decision.refusal {
            answer.message = RequestFailure.denied(refusal, decision.rule, access: call.access).message
        } else {
            answer.message = "allowed by \(decision.rule)"
            let namespace = String(utf8: request.namespace) ?? ""
            for level in SecretReference(tenant: tenant, namespace: namespace, key: "").levels {
                let scopes = call.snapshot.scopes
                let bytes = level.utf8Span.span
                guard
                    !call.access.isClosed(
                        operation,
                        tenant: tenant.utf8Span.span,
                        namespace: bytes,
                        key: key,
                        scopes: scopes
                    ),
                    let scope = scopes.find(tenant: tenant, namespace: level)
                else { continue }
                answer.namespaces.append(level)
                answer.scopes.append(Self.words(scope, tenant: tenant, level: level, key: key))
                // Only reading climbs.
                if operation != .get, operation != .watch { break }
            }
        }
        try call.answerAboutOneself("explain", answer, metric)
    }

    /// Which manager would be asked, and for what: its own name of the secret.
    private static func words(_ scope: Scope, tenant: String, level: String, key: Span<UInt8>?) -> String {
        let manager = "\(scope.name) (\(scope.type))"
        guard let key, let text = String(utf8: key) else { return manager }
        let name = SecretName(tenant: tenant, namespace: level, key: text)
        return "\(manager): \(scope.backend.place(of: name))"
    }
}
