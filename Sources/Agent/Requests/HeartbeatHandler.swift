internal import Liveness
internal import SecretMemory
internal import Secrets
internal import Wire

/// Heartbeat: a client says that its service instance lives, and learns how the agent sees it.
final class HeartbeatHandler: RequestHandler {
    let metric = RequestMetric.heartbeat

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        let request: HeartbeatView
        do throws(Malformed) { request = try HeartbeatView(decoding: payload) } catch { throw .malformed(error) }
        if let fault = NameRules.keyFault(request.instance.id) { throw .badName("instance id", fault) }
        guard let decision = call.allow(.heartbeat, as: "heartbeat", metric) else { return }
        let (loop, session) = (call.loop, call.session)
        let beat = try Self.beat(request, call)
        let held: ClientInstances.Held
        do throws(ClientInstances.Refusal) {
            held = try loop.services.clients.note(beat, at: call.startedAt)
        } catch {
            throw RequestFailure(error)
        }
        bind(beat, held, call)
        let status = loop.services.healthBoard.report(at: call.startedAt)?.status ?? .unknown
        let answer = HeartbeatAnswer(
            state: held.state.rawValue,
            nextBeatDue: UInt64(clamping: held.nextBeat.nanoseconds / 1_000_000),
            agentStatus: status.rawValue
        )
        // That somebody still lives is no decision; that it came, changed or went is.
        guard !held.isNews else {
            return try call.answerAboutOneself("heartbeat", answer, metric, rule: decision.rule)
        }
        loop.willAnswer(call.id, on: session)
        do { try session.outgoing.appendFrame(.response(id: call.id), answer) } catch { throw .memory(error) }
        loop.clock = .now
        loop.metrics.count(metric, .done, nanoseconds: loop.clock.nanoseconds(since: call.startedAt))
    }

    /// What is read on the connection from now on is the instance's.
    private func bind(_ beat: ClientInstances.Beat, _ held: ClientInstances.Held, _ call: RequestCall) {
        let (loop, session) = (call.loop, call.session)
        if let before = held.replaced {
            // Where the connection is another loop's, its number means nothing here.
            loop.services.unbind(before, beat.id)
        }
        if let ended = held.ended {
            loop.services.clients.wipe(ended, in: loop.services.resolver.cache)
            loop.unbind(session.token, beat.id)
        } else if held.isNews, held.state == beat.state {
            session.instance = beat.id
            session.leaseMark = held.mark
        }
    }

    private static func beat(_ request: HeartbeatView, _ call: RequestCall) throws(RequestFailure)
        -> ClientInstances.Beat
    {
        guard let id = String(utf8: request.instance.id), let word = String(utf8: request.instance.state),
            let type = String(utf8: request.instance.type), let strategy = String(utf8: request.restartStrategy)
        else {
            throw .refusedBeat("a name is no UTF-8")
        }
        let own = call.access.serviceNames
        guard type.isEmpty || type.uppercased() == own.uppercased() else {
            throw RequestFailure(
                status: .permissionDenied,
                reason: .operationNotAllowed,
                message: "the certificate is of a service of type \(own), and the instance says it is \(type)"
            )
        }
        guard let state = word.isEmpty ? .running : ServiceState(name: word) else {
            let known = ServiceState.allCases.map(\.rawValue).joined(separator: ", ")
            throw .refusedBeat("unknown instance state; known are \(known)")
        }
        return ClientInstances.Beat(
            id: id,
            identity: call.access.identity.uri,
            type: own,
            state: state,
            rules: try rules(request, strategy, call.loop.services.clients.defaults),
            connection: ClientConnection(loop: call.loop.number, token: call.session.token)
        )
    }

    /// What the instance wants to be judged by; where it says nothing, what the agent is configured with.
    private static func rules(
        _ request: HeartbeatView,
        _ strategy: String,
        _ defaults: LivenessRules
    ) throws(RequestFailure) -> LivenessRules {
        var rules = defaults
        if request.heartbeatInterval > 0 {
            rules.heartbeatInterval = duration(request.heartbeatInterval)
            // An instance that beats seldom and names no time-out is not to die of it.
            rules.timeout = max(rules.timeout, rules.heartbeatInterval * 3)
        }
        if request.timeout > 0 {
            rules.timeout = duration(request.timeout)
            // The age below which it is not judged makes no sense beyond the silence that it asks for.
            rules.initialDelay = min(rules.initialDelay, rules.timeout)
        }
        if let delay = request.initialDelay { rules.initialDelay = duration(delay) }
        if let grace = request.terminationGracePeriod { rules.terminationGracePeriod = duration(grace) }
        if !strategy.isEmpty {
            guard let known = RestartStrategy(rawValue: strategy) else {
                let words = RestartStrategy.allCases.map(\.rawValue).joined(separator: ", ")
                throw .refusedBeat("unknown restart strategy; known are \(words)")
            }
            rules.restartStrategy = known
        }
        return rules
    }

    private static func duration(_ milliseconds: UInt64) -> Duration {
        .milliseconds(Int64(clamping: min(milliseconds, 1 << 40)))
    }
}

extension RequestFailure {
    fileprivate static func refusedBeat(_ message: String) -> RequestFailure {
        RequestFailure(status: .invalidArgument, reason: .malformedRequest, message: message)
    }

    fileprivate init(_ refusal: ClientInstances.Refusal) {
        switch refusal {
        case .badTimes:
            self = .refusedBeat("the timeout must be longer than the heartbeat interval, and all times at most a day")
        case .hasEnded: self = .refusedBeat("an instance that nobody knows must begin with a state in which it lives")
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
