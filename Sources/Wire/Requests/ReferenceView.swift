/// Which secret is meant: the request of GetSecret, and one of those in GetSecrets. Its fields look at the payload.
package struct ReferenceView: ~Escapable {
    package var namespace: Span<UInt8>
    package var key: Span<UInt8>
    /// Empty: the whole value.
    package var subkey: Span<UInt8>
    /// Empty: the current one.
    package var version: Span<UInt8>
    /// How old a cached value may be, in milliseconds; nil: as the agent is configured.
    package var maximumAge: UInt64?
    /// Empty: that of the caller's identity.
    package var tenant: Span<UInt8>

    /// A reference to write.
    @_lifetime(copy namespace, copy key, copy subkey, copy version, copy tenant)
    package init(
        namespace: Span<UInt8>,
        key: Span<UInt8>,
        subkey: Span<UInt8> = Span(),
        version: Span<UInt8> = Span(),
        maximumAge: UInt64? = nil,
        tenant: Span<UInt8> = Span()
    ) {
        self.namespace = namespace
        self.key = key
        self.subkey = subkey
        self.version = version
        self.maximumAge = maximumAge
        self.tenant = tenant
    }

    /// Reads a payload. Strings are checked to be UTF-8; what they mean is not looked at.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        namespace = Span()
        key = Span()
        subkey = Span()
        version = Span()
        tenant = Span()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): namespace = try reader.string()
            case .delimited(2): key = try reader.string()
            case .delimited(3): subkey = try reader.string()
            case .delimited(4): version = try reader.string()
            case .varint(5): maximumAge = try reader.varint()
            case .delimited(6): tenant = try reader.string()
            default: try reader.skip(field)
            }
        }
    }
}

extension ReferenceView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.bytes(1, namespace)
        sink.bytes(2, key)
        sink.bytes(3, subkey)
        sink.bytes(4, version)
        sink.optional(5, maximumAge)
        sink.bytes(6, tenant)
    }
}
