internal import SecretMemory
internal import Secrets
internal import Wire

/// GetSecrets: up to 64 references, a result each, in order. One bad reference does not fail the others.
final class GetSecretsHandler: RequestHandler {
    let metric = RequestMetric.batch
    let isAboutSecrets = true

    /// Bytes of an answer that are kept free for each result to come, so that a large value leaves room to say why the others
    /// have none.
    private static let roomForFailure = 160

    /// A reference that was checked, or the reason why it has no answer.
    private enum Item: Sendable {
        case refused(RequestFailure, auditFields: [UInt8])
        case asked(SecretReference, subkey: String, auditFields: [UInt8])

        var entry: AuditEntry {
            switch self {
            case .refused(_, let fields): AuditEntry(fields: fields, isDenied: true)
            case .asked(_, _, let fields): AuditEntry(fields: fields)
            }
        }
    }

    private enum Answer: Sendable {
        case refused(RequestFailure)
        case resolved(Resolution, subkey: String)
    }

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let items = try read(call, payload)
        let (resolver, scopes, access) = (call.loop.services.resolver, call.snapshot.scopes, call.access)
        try call.loop.begin(
            call.header,
            on: call.session,
            metric: metric,
            startedAt: call.startedAt,
            entries: items.map(\.entry)
        ) { deadline in
            let answers = await Self.resolve(items, resolver, scopes, access, until: deadline)
            return { loop, session, pending in
                Self.finish(items, answers, loop, session, pending)
            }
        }
    }

    private func read(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) -> [Item] {
        do throws(Malformed) {
            var list = try ReferenceList(decoding: payload)
            var items: [Item] = []
            items.reserveCapacity(list.count)
            while let bytes = list.next() { items.append(item(call, bytes)) }
            return items
        } catch { throw .malformed(error) }
    }

    private func item(_ call: RequestCall, _ bytes: Span<UInt8>) -> Item {
        do throws(Malformed) {
            return item(call, try ReferenceView(decoding: bytes))
        } catch {
            var fields = AuditBatch()
            fields.operation("get")
            let failure = RequestFailure.malformed(error)
            fields.denied(failure.reason.rawValue, by: "")
            return .refused(failure, auditFields: fields.fields)
        }
    }

    private func item(_ call: RequestCall, _ reference: ReferenceView) -> Item {
        var fields = AuditBatch()
        do throws(RequestFailure) {
            try call.check(namespace: reference.namespace, key: reference.key)
            let tenant = try call.tenant(
                named: reference.tenant,
                "get",
                reference.namespace,
                reference.key,
                subkey: reference.subkey
            )
            let owned = try SecretReference(reference, tenant: tenant)
            AuditFields.name("get", of: reference, tenant: tenant.utf8Span.span, into: &fields)
            let decision = call.decide(.get, tenant: tenant, namespace: reference.namespace, key: reference.key)
            if let refusal = decision.refusal {
                fields.denied(refusal.rawValue, by: decision.rule)
                return .refused(.denied(refusal, decision.rule, access: call.access), auditFields: fields.fields)
            }
            fields.allowed(by: decision.rule)
            return .asked(owned, subkey: String(utf8: reference.subkey) ?? "", auditFields: fields.fields)
        } catch {
            if error.auditFields.isEmpty { fields.operation("get") } else { fields.append(error.auditFields) }
            fields.denied(error.reason.rawValue, by: "")
            return .refused(error, auditFields: fields.fields)
        }
    }

    private static func resolve(
        _ items: [Item],
        _ resolver: SecretResolver,
        _ scopes: ScopeTable,
        _ access: Access,
        until deadline: BootInstant
    ) async -> [Answer] {
        await withTaskGroup(of: (Int, Answer).self) { group in
            var answers = [Answer](repeating: .refused(.keyNotFound), count: items.count)
            for (index, item) in items.enumerated() {
                switch item {
                case .refused(let failure, _): answers[index] = .refused(failure)
                case .asked(let reference, let subkey, _):
                    group.addTask {
                        let resolution = await resolver.resolve(reference, scopes: scopes, until: deadline) { level in
                            access.isClosed(.get, reference, at: level, scopes: scopes)
                        }
                        return (index, .resolved(resolution, subkey: subkey))
                    }
                }
            }
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }

    private static func finish(
        _ items: [Item],
        _ answers: [Answer],
        _ loop: ConnectionLoop,
        _ session: Session,
        _ pending: PendingRequest
    ) {
        loop.willAnswer(pending.id, on: session)
        let before = session.outgoing.count
        do throws(MemoryError) {
            let limit = loop.limits.wire.payloadBytes
            let frame = try session.outgoing.beginFrame(.response(id: pending.id))
            for (index, item) in items.enumerated() {
                let used = session.outgoing.count - before
                let kept = (items.count - index - 1) * roomForFailure
                let outcome = try append(answers[index], loop, session, room: limit - used - kept)
                record(item, answers[index], outcome, loop, session, pending)
            }
            if session.outgoing.endFrame(begunAt: frame) > limit {
                session.outgoing.removeLast(session.outgoing.count - before)
                loop.answer(pending.id, on: session, .backend(.tooLarge(limit: limit)))
            }
        } catch {
            session.outgoing.removeLast(session.outgoing.count - before)
            loop.answer(pending.id, on: session, .memory(error))
        }
    }

    /// - Returns: the failure that was answered; nil where the value was.
    private static func append(
        _ answer: Answer,
        _ loop: ConnectionLoop,
        _ session: Session,
        room: Int
    ) throws(MemoryError) -> RequestFailure? {
        let failure: RequestFailure
        switch answer {
        case .refused(let refused): failure = refused
        case .resolved(.found, _) where loop.services.fence.isUp: failure = .fenced
        case .resolved(.notFound, _): failure = .keyNotFound
        case .resolved(.noBackend, _): failure = .noBackend
        case .resolved(.failed(let error), _): failure = .backend(error)
        case .resolved(.found(let secret, let source), let subkey):
            do throws(RequestFailure) {
                try SecretAnswer.appendResult(
                    secret,
                    source,
                    subkey: subkey.utf8Span.span,
                    reader: session.leaseMark,
                    at: .now,
                    to: &session.outgoing,
                    room: room
                )
                return nil
            } catch { failure = error }
        }
        try session.outgoing.appendResult(SecretResultView(failure.status, failure.payload))
        return failure
    }

    private static func record(
        _ item: Item,
        _ answer: Answer,
        _ failure: RequestFailure?,
        _ loop: ConnectionLoop,
        _ session: Session,
        _ pending: PendingRequest
    ) {
        loop.audit.begin(session.auditPrefix)
        loop.audit.append(item.entry.fields)
        if case .refused = item { return loop.finishRecord(since: pending.startedAt, pending.metric, .denied) }
        if let failure {
            loop.audit.field("reason", failure.reason.rawValue)
            let outcome: OutcomeMetric = failure.status == .notFound ? .notFound : .failed
            loop.finishRecord(since: pending.startedAt, pending.metric, outcome)
        } else if case .resolved(.found(let secret, let source), _) = answer, case .asked(let reference, _, _) = item {
            loop.audit.place(of: secret, asked: reference.namespace.utf8Span.span)
            loop.audit.found(secret, source, at: .now)
            loop.finishRecord(since: pending.startedAt, pending.metric, OutcomeMetric(source))
        }
    }
}
