/// Why something failed: the payload of a response whose status is not OK, and of a GOAWAY.
package struct ErrorPayload: Equatable, Sendable {
    package var reason: Reason
    /// A sentence for a person; never a value.
    package var message: String
    /// Milliseconds to wait before the next try; 0: no advice.
    package var retryAfter: UInt64

    package init(reason: Reason, message: String, retryAfter: UInt64 = 0) {
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
    }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init(reason: Reason(rawValue: ""), message: "")
        try merge(ProtobufReader(payload))
    }

    /// Reads fields over those that are there.
    mutating func merge(_ fields: consuming ProtobufReader) throws(Malformed) {
        while let field = try fields.next() {
            switch field {
            case .delimited(1): reason = Reason(rawValue: try fields.text())
            case .delimited(2): message = try fields.text()
            case .varint(3): retryAfter = try fields.varint()
            default: try fields.skip(field)
            }
        }
    }
}

extension ErrorPayload: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, reason.rawValue)
        sink.text(2, message)
        sink.number(3, retryAfter)
    }
}
