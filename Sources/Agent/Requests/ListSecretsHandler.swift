internal import SecretMemory
internal import Secrets
internal import Wire

/// ListSecrets: names and metadata, a page at a time; never a value.
final class ListSecretsHandler: RequestHandler {
    /// Entries of a page where the caller names no number, and the most it may name.
    static let defaultPageSize = 100
    static let maximumPageSize = 500

    let metric = RequestMetric.list
    let isAboutSecrets = true

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: ListSecretsView
        do throws(Malformed) { request = try ListSecretsView(decoding: payload) } catch { throw .malformed(error) }
        try call.check(namespace: request.namespace, key: nil)
        let tenant = try call.tenant(named: request.tenant, "list", request.namespace)
        let decision = call.decide(.list, tenant: tenant, namespace: request.namespace, key: nil)
        if let refusal = decision.refusal {
            var fields = AuditBatch()
            AuditFields.name("list", tenant: tenant.utf8Span.span, namespace: request.namespace, into: &fields)
            return call.deny(decision, refusal, metric, fields.fields)
        }
        let listing = try Listing(request, call, tenant: tenant)
        let fields = call.pendingFields("list", tenant: tenant, namespace: request.namespace, rule: decision.rule)
        try call.loop.begin(
            call.header,
            on: call.session,
            metric: metric,
            startedAt: call.startedAt,
            entries: [AuditEntry(fields: fields)]
        ) { deadline in
            let result: Result<ListSecretsAnswer?, BackendError>
            do throws(BackendError) { result = .success(try await listing.page(until: deadline)) } catch {
                result = .failure(error)
            }
            return { loop, session, pending in Self.finish(result, loop, session, pending) }
        }
    }

    private static func finish(
        _ result: Result<ListSecretsAnswer?, BackendError>,
        _ loop: ConnectionLoop,
        _ session: Session,
        _ pending: PendingRequest
    ) {
        switch result {
        case .failure(let error): loop.refuse(pending, on: session, .backend(error), .failed)
        case .success(.none): loop.refuse(pending, on: session, .noBackend, .failed)
        case .success(.some(let answer)):
            loop.willAnswer(pending.id, on: session)
            do throws(MemoryError) {
                try session.outgoing.appendFrame(.response(id: pending.id), answer)
            } catch { return loop.refuse(pending, on: session, .memory(error), .failed) }
            loop.audit.begin(session.auditPrefix)
            for entry in pending.entries { loop.audit.append(entry.fields) }
            loop.audit.field("entries", Int64(answer.entries.count))
            loop.finishRecord(since: pending.startedAt, pending.metric, .done)
        }
    }
}

/// One page of a listing, perhaps over several levels of a namespace.
private struct Listing: Sendable {
    private let tenant: String
    private let levels: [String]
    private let prefix: String
    private let pageSize: Int
    /// Most bytes of entries in an answer; the page's token comes on top.
    private let byteLimit: Int
    private let access: Access
    private let scopes: ScopeTable
    private let resolver: SecretResolver
    /// The level to go on at, and the last key that was given out there.
    private let start: (level: Int, after: String)

    init(_ request: ListSecretsView, _ call: RequestCall, tenant: String) throws(RequestFailure) {
        guard let namespace = String(utf8: request.namespace), let prefix = String(utf8: request.prefix),
            let token = String(utf8: request.pageToken)
        else {
            throw RequestFailure(status: .invalidArgument, reason: .malformedRequest, message: "a name is no UTF-8")
        }
        self.tenant = tenant
        self.prefix = prefix
        let all = SecretReference(tenant: tenant, namespace: namespace, key: "").levels
        levels = request.inherited ? all : [namespace]
        let wanted = request.pageSize == 0 ? ListSecretsHandler.defaultPageSize : Int(request.pageSize)
        pageSize = min(wanted, ListSecretsHandler.maximumPageSize)
        byteLimit = call.loop.limits.wire.payloadBytes - NameRules.maximumBytes - 16
        (access, scopes, resolver) = (call.access, call.snapshot.scopes, call.loop.services.resolver)
        if token.isEmpty {
            start = (0, "")
        } else {
            guard let colon = token.firstIndex(of: ":"), let level = Int(token[..<colon]),
                levels.indices.contains(level)
            else {
                throw RequestFailure(
                    status: .invalidArgument,
                    reason: .malformedRequest,
                    message: "the page token is not one that this agent gave out for this listing"
                )
            }
            start = (level, String(token[token.index(after: colon)...]))
        }
    }

    /// - Returns: nil where no manager is configured for any of the levels.
    func page(until deadline: BootInstant) async throws(BackendError) -> ListSecretsAnswer? {
        var answer = ListSecretsAnswer()
        var sawScope = false
        var byteCount = 0
        var after = start.after
        for level in start.level..<levels.count where !isClosed(levels[level], key: nil) {
            guard let scope = scopes.find(tenant: tenant, namespace: levels[level]) else { continue }
            sawScope = true
            var hasMore = true
            // Of what was given out, so that a token names nothing that was left out.
            var last = after
            while hasMore, !Task.isCancelled {
                let room = pageSize - answer.entries.count
                guard room > 0 else {
                    answer.nextPageToken = "\(level):\(last)"
                    return answer
                }
                let query = ListQuery(
                    tenant: tenant,
                    namespace: levels[level],
                    prefix: prefix,
                    after: after,
                    limit: room
                )
                guard let page = try await resolver.list(query, scopes: scopes, until: deadline) else { break }
                for entry in page.entries {
                    after = entry.key
                    guard !isClosed(levels[level], key: entry.key),
                        try await !isShadowed(entry.key, above: level, until: deadline)
                    else { continue }
                    var listed = Self.entry(entry, scope)
                    if listed.encodedSize > byteLimit / 2 { (listed.description, listed.tags) = ("", [:]) }
                    // With its tag and length.
                    byteCount += listed.encodedSize + 6
                    guard byteCount <= byteLimit || answer.entries.isEmpty else {
                        answer.nextPageToken = "\(level):\(last)"
                        return answer
                    }
                    answer.entries.append(listed)
                    last = entry.key
                }
                hasMore = page.hasMore && !page.entries.isEmpty
            }
            after = ""
        }
        return sawScope ? answer : nil
    }

    /// Names that the caller may not list are left out, as if they were not there.
    private func isClosed(_ namespace: String, key: String?) -> Bool {
        guard let key else {
            return access.isClosed(
                .list,
                tenant: tenant.utf8Span.span,
                namespace: namespace.utf8Span.span,
                key: nil,
                scopes: scopes
            )
        }
        // Granted is what the caller asked about; a denial may also be about the level where the name is.
        let asked = levels[0]
        let decision = access.decide(
            .list,
            tenant: tenant.utf8Span.span,
            namespace: asked.utf8Span.span,
            key: key.utf8Span.span,
            isolation: .off
        )
        return !decision.isAllowed
            || access.isDenied(
                .list,
                tenant: tenant.utf8Span.span,
                namespace: namespace.utf8Span.span,
                key: key.utf8Span.span
            )
    }

    /// Whether a nearer level that is open to the caller has a value of that name, which is the one that a reader gets.
    private func isShadowed(
        _ key: String,
        above level: Int,
        until deadline: BootInstant
    ) async throws(BackendError) -> Bool {
        for nearer in levels[..<level] where !isClosed(nearer, key: key) {
            let query = ListQuery(tenant: tenant, namespace: nearer, prefix: key, limit: 1)
            if try await resolver.list(query, scopes: scopes, until: deadline)?.entries.first?.key == key {
                return true
            }
        }
        return false
    }

    private static func entry(_ entry: SecretEntry, _ scope: Scope) -> ListSecretsAnswer.Entry {
        ListSecretsAnswer.Entry(
            namespace: entry.namespace,
            key: entry.key,
            version: entry.version,
            updatedAt: entry.updatedAt,
            description: entry.description ?? "",
            tags: entry.tags,
            readOnly: scope.isReadOnly || !scope.backend.capabilities.contains(.write)
        )
    }
}
