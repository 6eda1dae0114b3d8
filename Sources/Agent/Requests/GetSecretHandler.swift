internal import SecretMemory
internal import Secrets
internal import Wire

/// GetSecret: from the cache on the spot, else through the resolver.
final class GetSecretHandler: RequestHandler {
    let metric = RequestMetric.get
    let isAboutSecrets = true

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let reference: ReferenceView
        do throws(Malformed) { reference = try ReferenceView(decoding: payload) } catch { throw .malformed(error) }
        try call.check(namespace: reference.namespace, key: reference.key)
        let tenant = try call.tenant(
            named: reference.tenant,
            "get",
            reference.namespace,
            reference.key,
            subkey: reference.subkey
        )
        let bytes = tenant.utf8Span.span
        let decision = call.decide(.get, tenant: bytes, namespace: reference.namespace, key: reference.key)
        if let refusal = decision.refusal {
            var fields = AuditBatch()
            AuditFields.name("get", of: reference, tenant: bytes, into: &fields)
            return call.deny(decision, refusal, metric, fields.fields)
        }
        switch answerFromCache(call, reference, bytes, decision) {
        case .answered: break
        case .answeredByNearest:
            if call.session.reads.areWorthwhile(),
                let read = RememberedRead(
                    payload,
                    reference,
                    try SecretReference(reference, tenant: tenant),
                    decision,
                    call
                )
            {
                call.session.reads.remember(read, payload)
            }
        case .answeredAndStale:
            let owned = try SecretReference(reference, tenant: tenant)
            call.loop.refresh(owned, for: call.session)
        case .mustAsk: try ask(call, reference, tenant, decision)
        }
    }

    private func append(
        _ secret: ResolvedSecret,
        _ subkey: Span<UInt8>,
        _ call: RequestCall
    ) throws(RequestFailure) {
        try SecretAnswer.append(
            secret,
            .cached,
            subkey: subkey,
            reader: call.session.leaseMark,
            id: call.id,
            at: call.startedAt,
            to: &call.session.outgoing,
            payloadLimit: call.loop.limits.wire.payloadBytes
        )
    }

    /// What became of a look into the cache; `nearest`: the namespace that was asked for had the value itself.
    private enum CacheOutcome { case answered, answeredByNearest, answeredAndStale, mustAsk }

    private func answerFromCache(
        _ call: RequestCall,
        _ reference: ReferenceView,
        _ tenant: Span<UInt8>,
        _ decision: Decision
    ) -> CacheOutcome {
        let (loop, session, access, scopes) = (call.loop, call.session, call.access, call.snapshot.scopes)
        var failure: RequestFailure?
        var found: ResolvedSecret?
        loop.willAnswer(call.id, on: session)
        let resolution = loop.services.resolver.resolveCached(
            tenant: tenant,
            namespace: reference.namespace,
            key: reference.key,
            version: reference.version,
            maximumAge: reference.maximumAge.map(Self.nanoseconds),
            scopes: scopes,
            at: call.startedAt,
            skipping: { level, scope in
                access.isClosed(.get, tenant: tenant, namespace: level, key: reference.key, scope: scope)
            },
            reader: { secret in
                found = secret
                do throws(RequestFailure) { try append(secret, reference.subkey, call) } catch { failure = error }
            }
        )
        guard let resolution else {
            loop.willNotAnswer(call.id, on: session)
            return .mustAsk
        }
        if case .notFound = resolution { failure = .keyNotFound }
        if let failure { loop.answer(call.id, on: session, failure) }
        loop.clock = .now
        let took = loop.clock.nanoseconds(since: call.startedAt)
        Self.record(
            reference,
            tenant,
            rule: decision.rule,
            failure: failure,
            found: found,
            at: call.startedAt,
            took: took,
            prefix: session.auditPrefix,
            into: &loop.audit
        )
        let outcome: OutcomeMetric = failure == nil ? .hit : (failure?.status == .notFound ? .notFound : .failed)
        loop.metrics.count(metric, outcome, nanoseconds: took)
        if case .foundNeedsRefresh = resolution { return .answeredAndStale }
        guard failure == nil, let found, found.isIn(reference.namespace) else { return .answered }
        return .answeredByNearest
    }

    /// The whole record in one go: the batch belongs to a class, and each separate access to it has its price.
    private static func record(
        _ reference: ReferenceView,
        _ tenant: Span<UInt8>,
        rule: String,
        failure: RequestFailure?,
        found: ResolvedSecret?,
        at now: BootInstant,
        took: Int64,
        prefix: [UInt8],
        into audit: inout AuditBatch
    ) {
        audit.begin(prefix)
        AuditFields.name("get", of: reference, tenant: tenant, into: &audit)
        audit.allowed(by: rule)
        if let failure {
            audit.field("reason", failure.reason.rawValue)
        } else if let found {
            audit.place(of: found, asked: reference.namespace)
            audit.found(found, .cached, at: now)
        }
        audit.field("duration_us", took / 1000)
        audit.end()
    }

    private func ask(
        _ call: RequestCall,
        _ reference: ReferenceView,
        _ tenant: String,
        _ decision: Decision
    ) throws(RequestFailure) {
        let owned = try SecretReference(reference, tenant: tenant)
        let subkey = String(utf8: reference.subkey) ?? ""
        let (resolver, scopes, access) = (call.loop.services.resolver, call.snapshot.scopes, call.access)
        let fields = call.pendingFields(
            "get",
            tenant: tenant,
            namespace: reference.namespace,
            key: reference.key,
            subkey: reference.subkey,
            rule: decision.rule
        )
        try call.loop.begin(
            call.header,
            on: call.session,
            metric: metric,
            startedAt: call.startedAt,
            entries: [AuditEntry(fields: fields)]
        ) { deadline in
            let resolution = await resolver.resolve(owned, scopes: scopes, until: deadline) { level in
                access.isClosed(.get, owned, at: level, scopes: scopes)
            }
            return { loop, session, pending in
                Self.finish(resolution, asked: owned.namespace, subkey: subkey, loop, session, pending)
            }
        }
    }

    private static func finish(
        _ resolution: Resolution,
        asked: String,
        subkey: String,
        _ loop: ConnectionLoop,
        _ session: Session,
        _ pending: PendingRequest
    ) {
        switch resolution {
        // It was asked for before the fence went up.
        case .found where loop.services.fence.isUp: loop.refuse(pending, on: session, .fenced, .failed)
        case .found(let secret, let source):
            loop.willAnswer(pending.id, on: session)
            do throws(RequestFailure) {
                try SecretAnswer.append(
                    secret,
                    source,
                    subkey: subkey.utf8Span.span,
                    reader: session.leaseMark,
                    id: pending.id,
                    at: .now,
                    to: &session.outgoing,
                    payloadLimit: loop.limits.wire.payloadBytes
                )
            } catch { return loop.refuse(pending, on: session, error, .failed) }
            loop.audit.begin(session.auditPrefix)
            for entry in pending.entries { loop.audit.append(entry.fields) }
            loop.audit.place(of: secret, asked: asked.utf8Span.span)
            loop.audit.found(secret, source, at: .now)
            loop.finishRecord(since: pending.startedAt, pending.metric, OutcomeMetric(source))
        case .notFound: loop.refuse(pending, on: session, .keyNotFound, .notFound)
        case .noBackend: loop.refuse(pending, on: session, .noBackend, .failed)
        case .failed(let error): loop.refuse(pending, on: session, .backend(error), .failed)
        }
    }

    /// Milliseconds to nanoseconds; what is too long for that is longer than anything is kept.
    static func nanoseconds(_ milliseconds: UInt64) -> Int64 {
        Int64(
            clamping: milliseconds.multipliedReportingOverflow(by: 1_000_000).overflow ? .max : milliseconds * 1_000_000
        )
    }
}

extension OutcomeMetric {
    init(_ source: Source) {
        switch source {
        case .fresh: self = .fresh
        case .cached: self = .hit
        case .stale: self = .stale
        }
    }
}

extension SecretReference {
    /// A reference that outlives the frame it came in.
    init(_ view: ReferenceView, tenant: String) throws(RequestFailure) {
        // The decoder has checked that these are UTF-8.
        guard let namespace = String(utf8: view.namespace), let key = String(utf8: view.key),
            let version = String(utf8: view.version)
        else {
            throw RequestFailure(status: .invalidArgument, reason: .malformedRequest, message: "a name is no UTF-8")
        }
        self.init(
            tenant: tenant,
            namespace: namespace,
            key: key,
            version: version,
            maximumAge: view.maximumAge.map(GetSecretHandler.nanoseconds)
        )
    }
}

extension AuditFields {
    static func name(
        _ operation: StaticString,
        of reference: ReferenceView,
        tenant: Span<UInt8>,
        into batch: inout AuditBatch
    ) {
        name(
            operation,
            tenant: tenant,
            namespace: reference.namespace,
            key: reference.key,
            subkey: reference.subkey,
            into: &batch
        )
    }
}

extension ResolvedSecret {
    /// Whether it was found in this namespace, and not in one above it.
    func isIn(_ namespace: Span<UInt8>) -> Bool {
        let names = names
        return names.namespace.equals(namespace)
    }
}

extension AuditBatch {
    /// Where it was found, if that is not where it was asked for.
    mutating func place(of secret: ResolvedSecret, asked: Span<UInt8>) {
        if !secret.isIn(asked) { field("found_in", secret.namespace) }
    }

    /// What was found, but never what it is.
    mutating func found(_ secret: ResolvedSecret, _ source: Source, at now: BootInstant) {
        from(source)
        state(of: secret, at: now)
    }

    mutating func from(_ source: Source) {
        switch source {
        case .fresh: verbatim("source", "fresh")
        case .cached: verbatim("source", "cached")
        case .stale: verbatim("source", "stale")
        }
    }

    /// What changes from one answer to the next.
    mutating func state(of secret: ResolvedSecret, at now: BootInstant) {
        let names = secret.names
        field("version", names.version)
        field("age_ms", max(0, now.nanoseconds(since: secret.fetchedAt)) / 1_000_000)
    }
}
