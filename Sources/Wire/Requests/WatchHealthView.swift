/// The request of WatchHealth.
package struct WatchHealthView: WireMessage, Equatable, Sendable {
    /// Milliseconds from one item to the next; 0 leaves it to the agent.
    package var interval: UInt64

    package init(interval: UInt64 = 0) { self.interval = interval }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .varint(1): interval = try reader.varint()
            default: try reader.skip(field)
            }
        }
    }

    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) { sink.number(1, interval) }
}
