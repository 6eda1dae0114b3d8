internal import Secrets
internal import TLS
internal import Wire

/// WhoAmI: what the agent knows of the caller, and what it may do. Always allowed: it is about oneself.
final class WhoAmIHandler: RequestHandler {
    let metric = RequestMetric.whoami

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        do throws(Malformed) { _ = try EmptyMessage(decoding: payload) } catch { throw .malformed(error) }
        let access = call.access
        let denied = call.snapshot.scopes.scopes.reduce(into: Set<ServiceType>()) { $0.formUnion($1.isolation.denied) }
        let answer = WhoAmIAnswer(
            identity: access.identity.uri,
            service: access.serviceNames,
            tenant: access.defaultTenant,
            grants: access.description.map { grant in
                WhoAmIAnswer.Grant(
                    rule: grant.rule,
                    namespaces: grant.namespaces,
                    keys: grant.keys,
                    operations: grant.operations,
                    tenants: [grant.tenant]
                )
            },
            deniedServices: denied.map(\.rawValue).sorted(),
            certificateExpiresAt: call.session.identity.notAfter * 1000,
            peerUID: call.session.peer.process?.uid,
            peerPID: call.session.peer.process?.pid
        )
        try call.answerAboutOneself("whoami", answer, metric)
    }
}

extension RequestCall {
    /// Answers at once, and records that it was asked.
    func answerAboutOneself<Message: WireMessage>(
        _ operation: StaticString,
        _ message: Message,
        _ metric: RequestMetric,
        rule: String = ""
    ) throws(RequestFailure) {
        loop.willAnswer(id, on: session)
        do { try session.outgoing.appendFrame(.response(id: id), message) } catch { throw .memory(error) }
        loop.audit.begin(session.auditPrefix)
        loop.audit.operation(operation)
        loop.audit.allowed(by: rule)
        loop.finishRecord(since: startedAt, metric, .done)
    }
}
