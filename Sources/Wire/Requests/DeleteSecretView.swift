/// What to delete: the request of DeleteSecret.
package struct DeleteSecretView: ~Escapable {
    package var namespace: Span<UInt8>
    package var key: Span<UInt8>
    package var tenant: Span<UInt8>

    /// A request to write.
    @_lifetime(copy namespace, copy key, copy tenant)
    package init(namespace: Span<UInt8>, key: Span<UInt8>, tenant: Span<UInt8> = Span()) {
        self.namespace = namespace
        self.key = key
        self.tenant = tenant
    }

    /// Reads a payload.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        namespace = Span()
        key = Span()
        tenant = Span()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): namespace = try reader.string()
            case .delimited(2): key = try reader.string()
            case .delimited(6): tenant = try reader.string()
            default: try reader.skip(field)
            }
        }
    }
}

extension DeleteSecretView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.bytes(1, namespace)
        sink.bytes(2, key)
        sink.bytes(6, tenant)
    }
}
