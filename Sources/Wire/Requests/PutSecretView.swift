/// A value to write: the request of PutSecret, as the agent reads it.
package struct PutSecretView: ~Escapable {
    package var namespace: Span<UInt8>
    package var key: Span<UInt8>
    package var description: Span<UInt8>
    package var tenant: Span<UInt8>
    /// The value, in the memory that the payload is in.
    package var value: Span<UInt8>
    /// Labels; of those that come twice the last counts.
    package private(set) var tags: [String: String]

    /// Reads a payload.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        namespace = Span()
        key = Span()
        description = Span()
        tenant = Span()
        value = Span()
        tags = [:]
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): namespace = try reader.string()
            case .delimited(2): key = try reader.string()
            case .delimited(3): description = try reader.string()
            case .delimited(4):
                let entry = try reader.mapEntry()
                tags[entry.key] = entry.value
                guard tags.count <= WireLimits.tags else { throw Malformed(.tooManyTags, at: reader.offset) }
            case .delimited(6): tenant = try reader.string()
            case .delimited(15): value = try reader.delimited()
            default: try reader.skip(field)
            }
        }
    }

    /// A request to write.
    @_lifetime(copy namespace, copy key, copy description, copy tenant, copy value)
    package init(
        namespace: Span<UInt8>,
        key: Span<UInt8>,
        value: Span<UInt8>,
        description: Span<UInt8> = Span(),
        tags: [String: String] = [:],
        tenant: Span<UInt8> = Span()
    ) {
        self.namespace = namespace
        self.key = key
        self.description = description
        self.tags = tags
        self.tenant = tenant
        self.value = value
    }
}

extension PutSecretView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.bytes(1, namespace)
        sink.bytes(2, key)
        sink.bytes(3, description)
        sink.map(4, tags)
        sink.bytes(6, tenant)
        sink.bytes(15, value)
    }
}
