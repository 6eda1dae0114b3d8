internal import SecretMemory
internal import Secrets
internal import Synchronization
internal import Wire

/// Heartbeat: a client says that it lives, and learns how the agent sees it.
final class HeartbeatHandler: RequestHandler {
    let metric = RequestMetric.heartbeat

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: HeartbeatView
        do throws(Malformed) { request = try HeartbeatView(decoding: payload) } catch { throw .malformed(error) }
        if let fault = NameRules.keyFault(request.instance.id) { throw .badName("instance id", fault) }
        let decision = call.access.decide(.heartbeat)
        if let refusal = decision.refusal {
            var fields = AuditBatch()
            fields.operation("heartbeat")
            return call.deny(decision, refusal, metric, fields.fields)
        }
        guard let id = String(utf8: request.instance.id), let state = String(utf8: request.instance.state) else {
            throw RequestFailure(status: .invalidArgument, reason: .malformedRequest, message: "a name is no UTF-8")
        }
        let beat = HeartbeatBook.Beat(
            id: id,
            identity: call.access.identity.uri,
            state: state,
            interval: request.heartbeatInterval,
            timeout: request.timeout
        )
        let held: HeartbeatBook.Held
        do throws(HeartbeatBook.Refusal) {
            held = try call.loop.services.heartbeats.note(beat, at: call.startedAt)
        } catch {
            throw RequestFailure(error)
        }
        let status = call.loop.services.health.withLock { $0 }.report?().status ?? .unknown
        let answer = HeartbeatAnswer(
            state: held.state,
            nextBeatDue: held.interval,
            agentStatus: status.rawValue
        )
        try call.answerAboutOneself("heartbeat", answer, metric, rule: decision.rule)
    }
}

extension RequestFailure {
    fileprivate init(_ refusal: HeartbeatBook.Refusal) {
        switch refusal {
        case .unknownState:
            let known = HeartbeatBook.states.joined(separator: ", ")
            self.init(
                status: .invalidArgument,
                reason: .malformedRequest,
                message: "unknown instance state; known are \(known)"
            )
        case .badTimes:
            self.init(
                status: .invalidArgument,
                reason: .malformedRequest,
                message: "the timeout must be longer than the heartbeat interval, and both at most an hour"
            )
        case .foreignInstance:
            self.init(
                status: .permissionDenied,
                reason: .operationNotAllowed,
                message: "the instance id belongs to another identity"
            )
        case .full: self = .overloaded
        }
    }
}
