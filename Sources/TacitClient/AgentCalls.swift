internal import SecretMemory
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

    /// Follows the agent's state: hands it to `receive` at once and then at each interval.
    ///
    /// - Parameters:
    ///   - interval: at least 250 ms; nil leaves it to the agent.
    ///   - receive: says whether it wants another report.
    /// - Throws: ``ClientError/refused(_:)`` where the agent ends it, such as when it is about to end itself.
    public mutating func watchHealth(
        every interval: Duration? = nil,
        _ receive: (AgentHealth) -> Bool
    ) throws(ClientError) {
        // The agent's own interval is at most an hour.
        let patience = timeout + (interval ?? .seconds(3600))
        let request = WatchHealthView(interval: interval?.wholeMilliseconds ?? 0)
        var refusal: ClientError.Refusal?
        try perform(repeatable: true, Deadline(after: timeout)) { (channel, _) throws(ChannelFailure) in
            refusal = try channel.stream(patience: patience) { (id, output) throws(MemoryError) in
                try output.appendFrame(.request(.watchHealth, id: id), request)
            } receive: { (payload) throws(ClientError) in
                do throws(Malformed) { return receive(AgentHealth(try HealthAnswer(decoding: payload))) } catch {
                    throw ClientError.unreadable(error)
                }
            }
        }
        if let refusal { throw .refused(refusal) }
    }

    /// The registry of nodes: every agent, its state, its last heartbeat.
    ///
    /// - Parameter ended: whether those that have ended are wanted too.
    public mutating func nodes(ended: Bool = false) throws(ClientError) -> NodeList {
        var list = NodeList()
        var request = ListNodesView(ended: ended)
        repeat {
            var answer = ListNodesAnswer()
            try call(.listNodes, request) { (payload) throws(Malformed) in
                answer = try ListNodesAnswer(decoding: payload)
            }
            list.nodes += answer.nodes.map(NodeInstance.init)
            list.ownID = answer.ownID
            list.age = Duration(milliseconds: answer.age)
            list.damaged = Int(clamping: answer.damaged)
            // An agent that repeats itself must not keep its client for ever.
            guard answer.next > request.after else { break }
            request.after = answer.next
        } while list.nodes.count < Self.nodeLimit
        return list
    }

    /// Most instances that are read.
    private static var nodeLimit: Int { 100_000 }

    /// Says that a service instance lives. To be said again when the reply says so; what the instance reads on this
    /// connection is wiped from the agent once the instance is lost, or has said that it ended.
    ///
    /// - Parameters:
    ///   - interval: how often it means to beat.
    ///   - silence: after how long a silence it counts as disconnected.
    ///   - initialDelay: the age below which it is not judged; nil leaves it to the agent, as below.
    ///   - terminationGracePeriod: how long it may take to end, and how long after its disconnection it is given up.
    ///   - restartStrategy: when what it held is wiped: `NEVER`, `IMMEDIATELY` or `AFTER_TERMINATION_GRACE_PERIOD`.
    public mutating func heartbeat(
        _ instance: ServiceInstance,
        interval: Duration,
        silence: Duration,
        initialDelay: Duration? = nil,
        terminationGracePeriod: Duration? = nil,
        restartStrategy: String? = nil
    ) throws(ClientError) -> HeartbeatReply {
        let replies = try heartbeats(
            [instance],
            interval: interval,
            silence: silence,
            initialDelay: initialDelay,
            terminationGracePeriod: terminationGracePeriod,
            restartStrategy: restartStrategy
        )
        return try replies[0].get()
    }

    /// Says of several service instances that they live, as above, without waiting in between. Where an agent has many clients
    /// it asks all instances of a connection to beat at the same moment, and beats that come together cost it a fraction.
    ///
    /// - Returns: a reply for each, in the same order, or why its beat was refused.
    public mutating func heartbeats(
        _ instances: [ServiceInstance],
        interval: Duration,
        silence: Duration,
        initialDelay: Duration? = nil,
        terminationGracePeriod: Duration? = nil,
        restartStrategy: String? = nil
    ) throws(ClientError) -> [Result<HeartbeatReply, ClientError>] {
        let restartStrategy = restartStrategy ?? ""
        func withRequest<Success, Failure: Error>(
            _ instance: ServiceInstance,
            _ body: (borrowing HeartbeatView) throws(Failure) -> Success
        ) throws(Failure) -> Success {
            try body(
                HeartbeatView(
                    instance: HeartbeatView.Instance(
                        id: instance.id.utf8.span,
                        type: instance.type.utf8.span,
                        state: instance.state.utf8.span
                    ),
                    heartbeatInterval: interval.wholeMilliseconds,
                    timeout: silence.wholeMilliseconds,
                    initialDelay: initialDelay?.wholeMilliseconds,
                    terminationGracePeriod: terminationGracePeriod?.wholeMilliseconds,
                    restartStrategy: restartStrategy.utf8.span
                )
            )
        }
        let largest = instances.map { withRequest($0) { $0.encodedSize } }.max() ?? 0
        guard largest <= limits.payloadBytes else { throw .tooLarge(limit: limits.payloadBytes) }
        var replies: [Result<HeartbeatReply, ClientError>] = []
        try perform(repeatable: true, Deadline(after: timeout)) { (channel, deadline) throws(ChannelFailure) in
            replies = instances.map { _ in .failure(.protocolViolation("no answer")) }
            try channel.exchange(count: instances.count, until: deadline) { (index, id, output) throws(MemoryError) in
                try withRequest(instances[index]) { (request) throws(MemoryError) in
                    try output.appendFrame(.request(.heartbeat, id: id, timeout: deadline.forAgent), request)
                }
            } receive: { (index, status, payload) throws(ClientError) in
                replies[index] = try Self.reply(status, payload)
            }
        }
        return replies
    }

    private static func reply(
        _ status: Status,
        _ payload: Span<UInt8>
    ) throws(ClientError) -> Result<HeartbeatReply, ClientError> {
        guard status == .ok else {
            return .failure(.refused(try ClientError.Refusal(status: status, payload: payload)))
        }
        do throws(Malformed) { return .success(HeartbeatReply(try HeartbeatAnswer(decoding: payload))) } catch {
            throw .unreadable(error)
        }
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
