internal import SecretMemory
internal import Secrets
internal import Wire

/// Evict: wipes what the cache holds, all of it or what is named. For operators. What is not named means all of it, so it takes a
/// grant for every namespace, or for every tenant.
final class EvictHandler: RequestHandler {
    let metric = RequestMetric.evict

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: EvictView
        do throws(Malformed) { request = try EvictView(decoding: payload) } catch { throw .malformed(error) }
        try call.check(namespace: request.namespace, key: request.key.isEmpty ? nil : request.key)
        let tenant = try call.tenant(named: request.tenant, "evict", request.namespace, request.key)
        // A tenant that nobody can have: only a grant for any tenant covers it.
        let nobody = "\u{0}"
        let key = request.key.isEmpty ? nil : request.key
        let everyTenant =
            request.tenant.isEmpty
            && call.decide(.evict, tenant: nobody, namespace: request.namespace, key: key).isAllowed
        let decision = call.decide(
            .evict,
            tenant: everyTenant ? nobody : tenant,
            namespace: request.namespace,
            key: key
        )
        var fields = AuditBatch()
        let recorded = everyTenant ? "*" : tenant
        AuditFields.name(
            "evict",
            tenant: recorded.utf8Span.span,
            namespace: request.namespace,
            key: request.key,
            into: &fields
        )
        if let refusal = decision.refusal { return call.deny(decision, refusal, metric, fields.fields) }
        let namespace = String(utf8: request.namespace) ?? ""
        let keyText = String(utf8: request.key) ?? ""
        let count = call.loop.services.resolver.cache.evict(
            tenant: everyTenant ? nil : tenant,
            namespace: namespace.isEmpty ? nil : namespace,
            key: keyText.isEmpty ? nil : keyText
        )
        call.loop.willAnswer(call.id, on: call.session)
        do {
            try call.session.outgoing.appendFrame(.response(id: call.id), EvictAnswer(evicted: UInt64(count)))
        } catch { throw .memory(error) }
        call.loop.audit.begin(call.session.auditPrefix)
        call.loop.audit.append(fields.fields)
        call.loop.audit.allowed(by: decision.rule)
        call.loop.audit.field("evicted", Int64(count))
        call.loop.finishRecord(since: call.startedAt, metric, .done)
    }
}
