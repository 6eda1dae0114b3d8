/// The answer of Heartbeat.
package struct HeartbeatAnswer: WireMessage, Equatable, Sendable {
    /// The state that the agent holds for the instance.
    package var state: String
    /// Milliseconds from now until the next beat is expected.
    package var nextBeatDue: UInt64
    /// The agent's own state: `UP`, `DOWN` or `UNKNOWN`.
    package var agentStatus: String

    package init(state: String, nextBeatDue: UInt64, agentStatus: String) {
        self.state = state
        self.nextBeatDue = nextBeatDue
        self.agentStatus = agentStatus
    }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init(state: "", nextBeatDue: 0, agentStatus: "")
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): state = try reader.text()
            case .varint(2): nextBeatDue = try reader.varint()
            case .delimited(3): agentStatus = try reader.text()
            default: try reader.skip(field)
            }
        }
    }

    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, state)
        sink.number(2, nextBeatDue)
        sink.text(3, agentStatus)
    }
}
