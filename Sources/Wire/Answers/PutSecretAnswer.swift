/// The answer of PutSecret.
package struct PutSecretAnswer: WireMessage, Equatable, Sendable {
    /// The version that was written; empty where the secrets manager has none.
    package var version: String

    package init(version: String) { self.version = version }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        version = ""
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): version = try reader.text()
            default: try reader.skip(field)
            }
        }
    }

    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, version)
    }
}
