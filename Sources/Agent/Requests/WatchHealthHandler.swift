internal import Liveness
internal import Secrets
internal import Wire

/// WatchHealth: the agent's state, at once and then at intervals, until the client cancels.
final class WatchHealthHandler: RequestHandler {
    let metric = RequestMetric.health

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: WatchHealthView
        do throws(Malformed) { request = try WatchHealthView(decoding: payload) } catch { throw .malformed(error) }
        guard let decision = call.allow(.health, as: "watch_health", metric) else { return }
        let interval =
            request.interval == 0
            ? call.loop.services.clients.defaults.heartbeatInterval
            : .milliseconds(Int64(clamping: min(request.interval, UInt64(AgentLimits.longestWatchInterval))))
        guard interval >= AgentLimits.shortestWatchInterval else {
            throw RequestFailure(
                status: .invalidArgument,
                reason: .malformedRequest,
                message: "the interval must be at least \(AgentLimits.shortestWatchInterval)"
            )
        }
        try call.loop.watch(HealthWatch(id: call.id, interval: interval, next: call.startedAt), on: call.session)
        call.loop.audit.begin(call.session.auditPrefix)
        call.loop.audit.operation("watch_health")
        call.loop.audit.allowed(by: decision.rule)
        call.loop.finishRecord(since: call.startedAt, metric, .done)
    }
}

/// A stream of health reports that a client has open.
struct HealthWatch: Sendable {
    let id: UInt32
    let interval: Duration
    /// When the next report is due.
    var next: BootInstant
}
