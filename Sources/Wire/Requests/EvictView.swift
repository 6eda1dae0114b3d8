/// What to forget: the request of Evict. An empty field does not narrow the choice.
package struct EvictView: ~Escapable {
    package var tenant: Span<UInt8>
    package var namespace: Span<UInt8>
    package var key: Span<UInt8>

    /// A request to write.
    @_lifetime(copy tenant, copy namespace, copy key)
    package init(tenant: Span<UInt8> = Span(), namespace: Span<UInt8> = Span(), key: Span<UInt8> = Span()) {
        self.tenant = tenant
        self.namespace = namespace
        self.key = key
    }

    /// Reads a payload.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        tenant = Span()
        namespace = Span()
        key = Span()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): tenant = try reader.string()
            case .delimited(2): namespace = try reader.string()
            case .delimited(3): key = try reader.string()
            default: try reader.skip(field)
            }
        }
    }
}

extension EvictView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.bytes(1, tenant)
        sink.bytes(2, namespace)
        sink.bytes(3, key)
    }
}
