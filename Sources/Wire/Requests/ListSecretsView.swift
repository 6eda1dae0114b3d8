/// Which names are wanted: the request of ListSecrets.
package struct ListSecretsView: ~Escapable {
    package var namespace: Span<UInt8>
    /// Only keys that begin so.
    package var prefix: Span<UInt8>
    /// Also the keys of parent namespaces.
    package var inherited: Bool
    /// Empty: from the start.
    package var pageToken: Span<UInt8>
    /// Most entries; 0: the agent's default.
    package var pageSize: UInt32
    package var tenant: Span<UInt8>

    /// A request to write.
    @_lifetime(copy namespace, copy prefix, copy pageToken, copy tenant)
    package init(
        namespace: Span<UInt8>,
        prefix: Span<UInt8> = Span(),
        inherited: Bool = false,
        pageToken: Span<UInt8> = Span(),
        pageSize: UInt32 = 0,
        tenant: Span<UInt8> = Span()
    ) {
        self.namespace = namespace
        self.prefix = prefix
        self.inherited = inherited
        self.pageToken = pageToken
        self.pageSize = pageSize
        self.tenant = tenant
    }

    /// Reads a payload.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        namespace = Span()
        prefix = Span()
        inherited = false
        pageToken = Span()
        pageSize = 0
        tenant = Span()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): namespace = try reader.string()
            case .delimited(2): prefix = try reader.string()
            case .varint(3): inherited = try reader.flag()
            case .delimited(4): pageToken = try reader.string()
            case .varint(5): pageSize = UInt32(truncatingIfNeeded: try reader.varint())
            case .delimited(6): tenant = try reader.string()
            default: try reader.skip(field)
            }
        }
    }
}

extension ListSecretsView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.bytes(1, namespace)
        sink.bytes(2, prefix)
        sink.flag(3, inherited)
        sink.bytes(4, pageToken)
        sink.number(5, UInt64(pageSize))
        sink.bytes(6, tenant)
    }
}
