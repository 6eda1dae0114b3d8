/// A service instance says that it lives: the request of Heartbeat.
package struct HeartbeatView: ~Escapable {
    /// Who beats.
    package struct Instance: ~Escapable {
        package var id: Span<UInt8>
        /// The service type, such as `WORKER`.
        package var type: Span<UInt8>
        /// The state in which the instance sees itself.
        package var state: Span<UInt8>

        @_lifetime(copy id, copy type, copy state)
        package init(id: Span<UInt8>, type: Span<UInt8>, state: Span<UInt8>) {
            self.id = id
            self.type = type
            self.state = state
        }
    }

    package var instance: Instance
    /// Milliseconds between two beats.
    package var heartbeatInterval: UInt64
    /// Milliseconds of silence after which the instance counts as gone.
    package var timeout: UInt64
    /// Milliseconds of age below which the instance is not judged; nil leaves it to the agent.
    package var initialDelay: UInt64?
    /// Milliseconds that the instance may take to end; nil leaves it to the agent.
    package var terminationGracePeriod: UInt64?
    /// When what it held is wiped; empty leaves it to the agent.
    package var restartStrategy: Span<UInt8>

    /// A request to write.
    @_lifetime(copy instance, copy restartStrategy)
    package init(
        instance: Instance,
        heartbeatInterval: UInt64,
        timeout: UInt64,
        initialDelay: UInt64? = nil,
        terminationGracePeriod: UInt64? = nil,
        restartStrategy: Span<UInt8> = Span()
    ) {
        self.instance = instance
        self.heartbeatInterval = heartbeatInterval
        self.timeout = timeout
        self.initialDelay = initialDelay
        self.terminationGracePeriod = terminationGracePeriod
        self.restartStrategy = restartStrategy
    }

    /// Reads a payload.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        // Where the instance comes in two parts, the later one adds to the first.
        var id = Span<UInt8>()
        var type = Span<UInt8>()
        var state = Span<UInt8>()
        heartbeatInterval = 0
        timeout = 0
        initialDelay = nil
        terminationGracePeriod = nil
        restartStrategy = Span<UInt8>()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1):
                var inner = try reader.message()
                while let field = try inner.next() {
                    switch field {
                    case .delimited(1): id = try inner.string()
                    case .delimited(2): type = try inner.string()
                    case .delimited(3): state = try inner.string()
                    default: try inner.skip(field)
                    }
                }
            case .varint(2): heartbeatInterval = try reader.varint()
            case .varint(3): timeout = try reader.varint()
            case .varint(4): initialDelay = try reader.varint()
            case .varint(5): terminationGracePeriod = try reader.varint()
            case .delimited(6): restartStrategy = try reader.string()
            default: try reader.skip(field)
            }
        }
        instance = Instance(id: id, type: type, state: state)
    }
}

extension HeartbeatView.Instance: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.bytes(1, id)
        sink.bytes(2, type)
        sink.bytes(3, state)
    }
}

extension HeartbeatView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.message(1, instance)
        sink.number(2, heartbeatInterval)
        sink.number(3, timeout)
        sink.optional(4, initialDelay)
        sink.optional(5, terminationGracePeriod)
        sink.bytes(6, restartStrategy)
    }
}
