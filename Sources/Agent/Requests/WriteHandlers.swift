internal import SecretMemory
internal import Secrets
internal import Wire

/// PutSecret: writes through the nearest scope's manager.
final class PutSecretHandler: RequestHandler {
    let metric = RequestMetric.put
    let isAboutSecrets = true

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: PutSecretView
        do throws(Malformed) { request = try PutSecretView(decoding: payload) } catch { throw .malformed(error) }
        let write = try WriteRequest(
            call,
            .put,
            "put",
            tenant: request.tenant,
            namespace: request.namespace,
            key: request.key,
            metric
        )
        guard let write else { return }
        let value: SharedSecret
        do throws(MemoryError) { value = SharedSecret(try SecretBytes(copying: request.value)) } catch {
            throw .memory(error)
        }
        let description = String(utf8: request.description) ?? ""
        let secret = SecretWrite(
            name: write.name,
            description: description.isEmpty ? nil : description,
            tags: request.tags
        )
        let (resolver, scopes) = (call.loop.services.resolver, call.snapshot.scopes)
        try write.begin(call, metric) { (deadline) async throws(BackendError) -> WriteRequest.Answer in
            guard let version = try await resolver.put(secret, value: value, scopes: scopes, until: deadline) else {
                return .refused(.noBackend)
            }
            return .done(version: version)
        }
    }
}

/// DeleteSecret: deletes through the nearest scope's manager.
final class DeleteSecretHandler: RequestHandler {
    let metric = RequestMetric.delete
    let isAboutSecrets = true

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: DeleteSecretView
        do throws(Malformed) { request = try DeleteSecretView(decoding: payload) } catch { throw .malformed(error) }
        let write = try WriteRequest(
            call,
            .delete,
            "delete",
            tenant: request.tenant,
            namespace: request.namespace,
            key: request.key,
            metric
        )
        guard let write else { return }
        let (resolver, scopes, name) = (call.loop.services.resolver, call.snapshot.scopes, write.name)
        try write.begin(call, metric) { (deadline) async throws(BackendError) -> WriteRequest.Answer in
            switch try await resolver.delete(name, scopes: scopes, until: deadline) {
            case .none: .refused(.noBackend)
            case .some(false): .refused(.keyNotFound)
            case .some(true): .done(version: "")
            }
        }
    }
}

/// What put and delete share: the checks, the record, and the answer.
struct WriteRequest {
    enum Answer: Sendable {
        case done(version: String)
        case refused(RequestFailure)
    }

    let name: SecretName
    private let auditFields: [UInt8]

    /// - Returns: nil where the request was denied and has been answered.
    init?(
        _ call: RequestCall,
        _ operation: Operation,
        _ operationName: StaticString,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>,
        _ metric: RequestMetric
    ) throws(RequestFailure) {
        try call.check(namespace: namespace, key: key)
        let tenant = try call.tenant(named: tenant, operationName, namespace, key)
        let decision = call.decide(operation, tenant: tenant, namespace: namespace, key: key)
        if let refusal = decision.refusal {
            var fields = AuditBatch()
            AuditFields.name(
                operationName,
                tenant: tenant.utf8Span.span,
                namespace: namespace,
                key: key,
                into: &fields
            )
            call.deny(decision, refusal, metric, fields.fields)
            return nil
        }
        guard let namespaceText = String(utf8: namespace), let keyText = String(utf8: key) else {
            throw RequestFailure(status: .invalidArgument, reason: .malformedRequest, message: "a name is no UTF-8")
        }
        name = SecretName(tenant: tenant, namespace: namespaceText, key: keyText)
        auditFields = call.pendingFields(
            operationName,
            tenant: tenant,
            namespace: namespace,
            key: key,
            rule: decision.rule
        )
    }

    func begin(
        _ call: RequestCall,
        _ metric: RequestMetric,
        _ work: @escaping @Sendable (BootInstant) async throws(BackendError) -> Answer
    ) throws(RequestFailure) {
        try recordBeginning(call)
        try call.loop.begin(
            call.header,
            on: call.session,
            metric: metric,
            startedAt: call.startedAt,
            entries: [AuditEntry(fields: auditFields)]
        ) { deadline in
            let result: Result<Answer, BackendError>
            do throws(BackendError) { result = .success(try await work(deadline)) } catch { result = .failure(error) }
            return { loop, session, pending in Self.finish(result, loop, session, pending) }
        }
    }

    /// A read that cannot be recorded is taken back, but a write cannot be: where the audit is required, its decision is with
    /// the kernel before it begins, and how it ended is another record.
    private func recordBeginning(_ call: RequestCall) throws(RequestFailure) {
        let trail = call.loop.services.audit
        guard trail.isRequired else { return }
        var record = AuditBatch()
        record.begin(call.session.auditPrefix)
        record.append(auditFields)
        record.field("reason", Reason.begun.rawValue)
        record.end()
        do throws(AuditLog.Failure) { try trail.commit(&record, time: WallClock.milliseconds) } catch {
            throw .auditUnavailable
        }
    }

    private static func finish(
        _ result: Result<Answer, BackendError>,
        _ loop: ConnectionLoop,
        _ session: Session,
        _ pending: PendingRequest
    ) {
        switch result {
        case .failure(let error): loop.refuse(pending, on: session, .backend(error), .failed)
        case .success(.refused(let failure)):
            loop.refuse(pending, on: session, failure, failure.status == .notFound ? .notFound : .failed)
        case .success(.done(let version)):
            loop.willAnswer(pending.id, on: session)
            do throws(MemoryError) {
                try session.outgoing.appendFrame(.response(id: pending.id), PutSecretAnswer(version: version))
            } catch { return loop.refuse(pending, on: session, .memory(error), .failed) }
            loop.audit.begin(session.auditPrefix)
            for entry in pending.entries { loop.audit.append(entry.fields) }
            loop.audit.field("version", version)
            loop.finishRecord(since: pending.startedAt, pending.metric, .done)
        }
    }
}

extension Reason {
    /// In the audit only: a write was allowed and is about to begin.
    fileprivate static let begun = Reason(rawValue: "BEGUN")
}
