/// What would be decided: the request of Explain.
package struct ExplainView: ~Escapable {
    /// An operation of the policy, such as `get`.
    package var operation: Span<UInt8>
    package var namespace: Span<UInt8>
    package var key: Span<UInt8>
    package var tenant: Span<UInt8>

    /// A request to write.
    @_lifetime(copy operation, copy namespace, copy key, copy tenant)
    package init(
        operation: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8>,
        tenant: Span<UInt8> = Span()
    ) {
        self.operation = operation
        self.namespace = namespace
        self.key = key
        self.tenant = tenant
    }

    /// Reads a payload.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        operation = Span()
        namespace = Span()
        key = Span()
        tenant = Span()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): operation = try reader.string()
            case .delimited(2): namespace = try reader.string()
            case .delimited(3): key = try reader.string()
            case .delimited(4): tenant = try reader.string()
            default: try reader.skip(field)
            }
        }
    }
}

extension ExplainView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.bytes(1, operation)
        sink.bytes(2, namespace)
        sink.bytes(3, key)
        sink.bytes(4, tenant)
    }
}
