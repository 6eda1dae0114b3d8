/// What became of one reference of a GetSecrets.
package struct SecretResultView: ~Escapable {
    package var status: Status
    /// The secret, where the status is OK.
    package var secret: SecretView
    /// Why not, where it is not OK.
    package var error: ErrorPayload?

    /// A result to write: the reference's secret.
    @_lifetime(copy secret)
    package init(_ secret: SecretView) {
        status = .ok
        self.secret = secret
        error = nil
    }

    /// A result to write: why there is none.
    @_lifetime(immortal)
    package init(_ status: Status, _ error: ErrorPayload) {
        self.status = status
        secret = SecretView()
        self.error = error
    }

    /// Reads one result's payload.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        status = .ok
        secret = SecretView()
        error = nil
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .varint(1): status = Status(rawValue: UInt32(truncatingIfNeeded: try reader.varint()))
            case .delimited(2): try secret.merge(try reader.message())
            case .delimited(3):
                var merged = error ?? ErrorPayload(reason: Reason(rawValue: ""), message: "")
                try merged.merge(try reader.message())
                error = merged
            default: try reader.skip(field)
            }
        }
    }
}

extension SecretResultView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.number(1, UInt64(status.rawValue))
        if status == .ok { sink.message(2, secret) }
        if let error { sink.message(3, error) }
    }
}
