/// A message without fields: the requests of WhoAmI and Health, the answer of DeleteSecret.
package struct EmptyMessage: WireMessage, Equatable, Sendable {
    package init() {}

    /// Reads a payload. Fields that a newer peer may have are skipped.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        var reader = ProtobufReader(payload)
        while let field = try reader.next() { try reader.skip(field) }
    }

    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {}
}
