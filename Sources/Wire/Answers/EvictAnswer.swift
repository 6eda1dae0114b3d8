/// The answer of Evict.
package struct EvictAnswer: WireMessage, Equatable, Sendable {
    /// Entries that were wiped.
    package var evicted: UInt64

    package init(evicted: UInt64) { self.evicted = evicted }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        evicted = 0
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .varint(1): evicted = try reader.varint()
            default: try reader.skip(field)
            }
        }
    }

    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.number(1, evicted)
    }
}
