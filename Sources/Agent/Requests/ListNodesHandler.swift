internal import Liveness
internal import Secrets
internal import Synchronization
internal import Wire

/// ListNodes: the instances of all nodes, for those who are granted health.
final class ListNodesHandler: RequestHandler {
    let metric = RequestMetric.health

    /// Most instances of a page.
    private static let pageLimit = 500

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: ListNodesView
        do throws(Malformed) { request = try ListNodesView(decoding: payload) } catch { throw .malformed(error) }
        guard let decision = call.allow(.health, as: "list_nodes", metric) else { return }
        guard let nodes = call.loop.services.nodes.withLock({ $0 }) else {
            throw RequestFailure(
                status: .failedPrecondition,
                reason: .noRegistry,
                message: "no registry of nodes is configured; set tacit.registry"
            )
        }
        var fields = AuditBatch()
        fields.operation("list_nodes")
        fields.allowed(by: decision.rule)
        try call.loop.begin(
            call.header,
            on: call.session,
            metric: metric,
            startedAt: call.startedAt,
            entries: [AuditEntry(fields: fields.fields)]
        ) { _ in
            let condition = await nodes.everybody()
            return { loop, session, pending in Self.finish(request, condition, loop, session, pending) }
        }
    }

    private static func finish(
        _ request: ListNodesView,
        _ condition: NodeRegistry.Condition,
        _ loop: ConnectionLoop,
        _ session: Session,
        _ pending: PendingRequest
    ) {
        guard let listing = condition.listing, let listedAt = condition.listedAt else {
            let failure = RequestFailure(
                status: .unavailable,
                reason: .registryUnavailable,
                message: "the registry of nodes could not be read: \(condition.problem ?? "it was not reached yet")",
                retryAfter: 1000
            )
            return loop.refuse(pending, on: session, failure, .failed)
        }
        loop.willAnswer(pending.id, on: session)
        do {
            let answer = ListNodesAnswer(request, listing, own: condition, listedAt: listedAt, pageLimit: pageLimit)
            try session.outgoing.appendFrame(.response(id: pending.id), answer)
        } catch { return loop.refuse(pending, on: session, .memory(error), .failed) }
        loop.audit.begin(session.auditPrefix)
        for entry in pending.entries { loop.audit.append(entry.fields) }
        loop.finishRecord(since: pending.startedAt, pending.metric, .done)
    }
}

extension ListNodesAnswer {
    init(
        _ request: ListNodesView,
        _ listing: RegistryListing,
        own: NodeRegistry.Condition,
        listedAt: BootInstant,
        pageLimit: Int
    ) {
        self.init()
        let sinceThen = max(0, BootInstant.now.nanoseconds(since: listedAt))
        let wanted = listing.rows.filter { row in
            row.instance.id > request.after && (request.ended || !row.instance.state.hasEnded)
        }.sorted { $0.instance.id < $1.instance.id }
        let limit = request.pageSize == 0 ? pageLimit : min(pageLimit, Int(clamping: request.pageSize))
        nodes = wanted.prefix(limit).map { Node($0, olderBy: sinceThen) }
        next = wanted.count > limit ? nodes.last?.id ?? "" : ""
        ownID = own.lastWrite == nil ? "" : own.instance.id
        age = UInt64(sinceThen / 1_000_000)
        damaged = UInt64(listing.damaged)
    }
}

extension ListNodesAnswer.Node {
    init(_ row: RegistryListing.Row, olderBy nanoseconds: Int64) {
        self.init()
        let instance = row.instance
        id = instance.id
        type = instance.type
        state = instance.state.rawValue
        node = instance.server.node
        version = instance.server.version
        serverID = instance.server.id
        createdAt = UInt64(clamping: instance.createdAt)
        silent = UInt64(clamping: (row.silence.nanoseconds + nanoseconds) / 1_000_000)
        timeout = UInt64(clamping: instance.rules.timeout.nanoseconds / 1_000_000)
        listeners = instance.listeners
        problems = instance.problems
    }
}
