internal import Wire

/// Asking the agent about itself and about the caller.
extension TacitClient {
    /// What the agent makes of this client: its identity and its grants.
    public mutating func whoAmI() throws(ClientError) -> CallerIdentity {
        var answer = WhoAmIAnswer()
        try call(.whoAmI, EmptyMessage()) { (payload) throws(Malformed) in
            answer = try WhoAmIAnswer(decoding: payload)
        }
        return CallerIdentity(answer)
    }

    /// What the agent's policy would decide, and why. It never says whether the key exists.
    ///
    /// - Parameter operation: get, list, put, delete, watch, evict, health or heartbeat.
    public mutating func explain(
        _ operation: String,
        _ key: String,
        in namespace: String,
        tenant: String? = nil
    ) throws(ClientError) -> Explanation {
        var answer = ExplainAnswer()
        let request = ExplainView(
            operation: operation.utf8.span,
            namespace: namespace.utf8.span,
            key: key.utf8.span,
            tenant: (tenant ?? "").utf8.span
        )
        try call(.explain, request) { (payload) throws(Malformed) in
            answer = try ExplainAnswer(decoding: payload)
        }
        return Explanation(answer)
    }

    /// The agent's state and that of each of its parts.
    public mutating func health() throws(ClientError) -> AgentHealth {
        var answer = HealthAnswer(status: "")
        try call(.health, EmptyMessage()) { (payload) throws(Malformed) in
            answer = try HealthAnswer(decoding: payload)
        }
        return AgentHealth(answer)
    }

    /// Says that a service instance lives.
    ///
    /// - Parameters:
    ///   - interval: how often it means to beat.
    ///   - silence: after how long a silence it counts as gone.
    public mutating func heartbeat(
        _ instance: ServiceInstance,
        interval: Duration,
        silence: Duration
    ) throws(ClientError) -> HeartbeatReply {
        var answer = HeartbeatAnswer(state: "", nextBeatDue: 0, agentStatus: "")
        let request = HeartbeatView(
            instance: HeartbeatView.Instance(
                id: instance.id.utf8.span,
                type: instance.type.utf8.span,
                state: instance.state.utf8.span
            ),
            heartbeatInterval: interval.wholeMilliseconds,
            timeout: silence.wholeMilliseconds
        )
        try call(.heartbeat, request) { (payload) throws(Malformed) in
            answer = try HeartbeatAnswer(decoding: payload)
        }
        return HeartbeatReply(answer)
    }

    /// Wipes cached entries of the agent; for operators. What is nil does not narrow the choice.
    ///
    /// - Returns: how many entries were wiped.
    @discardableResult
    public mutating func evict(
        tenant: String? = nil,
        namespace: String? = nil,
        key: String? = nil
    ) throws(ClientError) -> Int {
        var evicted: UInt64 = 0
        let request = EvictView(
            tenant: (tenant ?? "").utf8.span,
            namespace: (namespace ?? "").utf8.span,
            key: (key ?? "").utf8.span
        )
        try call(.evict, request) { (payload) throws(Malformed) in
            evicted = try EvictAnswer(decoding: payload).evicted
        }
        return Int(clamping: evicted)
    }
}
