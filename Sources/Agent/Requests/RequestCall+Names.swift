internal import SecretMemory
internal import Secrets
internal import Wire

/// The checks that every request about a name goes through, in this order: well-formed, then allowed. Nothing is looked up.
extension RequestCall {
    /// Whose secrets are meant, and the scope's isolation.
    func check(namespace: Span<UInt8>, key: Span<UInt8>?) throws(RequestFailure) {
        if let fault = NameRules.namespaceFault(namespace) { throw .badName("namespace", fault) }
        if let key, let fault = NameRules.keyFault(key) { throw .badName("key", fault) }
    }

    /// The tenant of a request: the identity's own, or one that it names and is granted. The rest of what is asked for is for
    /// the record of a denial.
    func tenant(
        named name: Span<UInt8>,
        _ operation: StaticString,
        _ namespace: Span<UInt8>,
        _ key: Span<UInt8> = Span(),
        subkey: Span<UInt8> = Span()
    ) throws(RequestFailure) -> String {
        if name.isEmpty { return access.defaultTenant }
        if let fault = NameRules.keyFault(name) { throw .badName("tenant", fault) }
        for tenant in access.tenants + [access.defaultTenant] where tenant.utf8Span.span.equals(name) { return tenant }
        guard access.hasEveryTenant, let text = String(utf8: name) else {
            var failure = RequestFailure.denied(.tenantNotAllowed, "", access: access)
            var fields = AuditBatch()
            AuditFields.name(operation, tenant: name, namespace: namespace, key: key, subkey: subkey, into: &fields)
            failure.auditFields = fields.fields
            throw failure
        }
        return text
    }

    func decide(
        _ operation: Operation,
        tenant: String,
        namespace: Span<UInt8>,
        key: Span<UInt8>?
    ) -> Decision {
        decide(operation, tenant: tenant.utf8Span.span, namespace: namespace, key: key)
    }

    func decide(
        _ operation: Operation,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>?
    ) -> Decision {
        let scopes = snapshot.scopes
        // Where no scope is configured nothing can be read either, but isolation must not depend on that.
        let scope = scopes.find(tenant: tenant, namespace: namespace) ?? scopes.scopes.first
        let isolation = scope?.isolation ?? .off
        return access.decide(operation, tenant: tenant, namespace: namespace, key: key, isolation: isolation)
    }

    /// Decides about an operation that concerns no name; a denial is recorded and answered.
    ///
    /// - Parameter word: what the record calls it.
    /// - Returns: nil where it was denied.
    func allow(_ operation: Operation, as word: StaticString, _ metric: RequestMetric) -> Decision? {
        let decision = access.decide(operation)
        guard let refusal = decision.refusal else { return decision }
        var fields = AuditBatch()
        fields.operation(word)
        deny(decision, refusal, metric, fields.fields)
        return nil
    }

    /// Records a denial and answers it.
    func deny(_ decision: Decision, _ refusal: Decision.Refusal, _ metric: RequestMetric, _ fields: [UInt8]) {
        loop.audit.begin(session.auditPrefix)
        loop.audit.append(fields)
        loop.audit.denied(refusal.rawValue, by: decision.rule)
        loop.finishRecord(since: startedAt, metric, .denied)
        loop.metrics.countDenial(refusal)
        loop.willAnswer(id, on: session)
        loop.answer(id, on: session, .denied(refusal, decision.rule, access: access))
    }

    /// The fields of an allowed request that is going to wait.
    func pendingFields(
        _ operation: StaticString,
        tenant: String,
        namespace: Span<UInt8>,
        key: Span<UInt8> = Span(),
        subkey: Span<UInt8> = Span(),
        rule: String
    ) -> [UInt8] {
        var batch = AuditBatch()
        AuditFields.name(
            operation,
            tenant: tenant.utf8Span.span,
            namespace: namespace,
            key: key,
            subkey: subkey,
            into: &batch
        )
        batch.allowed(by: rule)
        return batch.fields
    }
}
