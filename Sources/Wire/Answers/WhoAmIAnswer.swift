/// The answer of WhoAmI: what the agent makes of the caller.
package struct WhoAmIAnswer: Equatable, Sendable {
    /// A rule that applies to the caller.
    package struct Grant: Equatable, Sendable {
        /// The rule's place in the configuration, such as `grants[0]`.
        package var rule: String
        package var namespaces: [String]
        package var keys: [String]
        package var operations: [String]
        package var tenants: [String]

        package init(
            rule: String = "",
            namespaces: [String] = [],
            keys: [String] = [],
            operations: [String] = [],
            tenants: [String] = []
        ) {
            self.rule = rule
            self.namespaces = namespaces
            self.keys = keys
            self.operations = operations
            self.tenants = tenants
        }

        init(reading fields: consuming ProtobufReader) throws(Malformed) {
            self.init()
            while let field = try fields.next() {
                switch field {
                case .delimited(1): rule = try fields.text()
                case .delimited(2): namespaces.append(try fields.text())
                case .delimited(3): keys.append(try fields.text())
                case .delimited(4): operations.append(try fields.text())
                case .delimited(5): tenants.append(try fields.text())
                default: try fields.skip(field)
                }
            }
        }
    }

    /// The certificate's SPIFFE ID.
    package var identity: String
    /// The service type in it.
    package var service: String
    /// The tenant that a request without one means.
    package var tenant: String
    package var grants: [Grant]
    /// Service types that may not read secrets here.
    package var deniedServices: [String]
    /// When the caller's certificate ends: milliseconds since 1970.
    package var certificateExpiresAt: Int64
    /// What the kernel says of the peer on a Unix socket.
    package var peerUID: UInt32?
    package var peerPID: Int32?

    package init(
        identity: String = "",
        service: String = "",
        tenant: String = "",
        grants: [Grant] = [],
        deniedServices: [String] = [],
        certificateExpiresAt: Int64 = 0,
        peerUID: UInt32? = nil,
        peerPID: Int32? = nil
    ) {
        self.identity = identity
        self.service = service
        self.tenant = tenant
        self.grants = grants
        self.deniedServices = deniedServices
        self.certificateExpiresAt = certificateExpiresAt
        self.peerUID = peerUID
        self.peerPID = peerPID
    }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): identity = try reader.text()
            case .delimited(2): service = try reader.text()
            case .delimited(3): tenant = try reader.text()
            case .delimited(4): grants.append(try Grant(reading: try reader.message()))
            case .delimited(5): deniedServices.append(try reader.text())
            case .varint(6): certificateExpiresAt = Int64(bitPattern: try reader.varint())
            case .varint(7): peerUID = UInt32(truncatingIfNeeded: try reader.varint())
            case .varint(8): peerPID = Int32(truncatingIfNeeded: try reader.varint())
            default: try reader.skip(field)
            }
        }
    }
}

extension WhoAmIAnswer.Grant: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, rule)
        sink.texts(2, namespaces)
        sink.texts(3, keys)
        sink.texts(4, operations)
        sink.texts(5, tenants)
    }
}

extension WhoAmIAnswer: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, identity)
        sink.text(2, service)
        sink.text(3, tenant)
        for grant in grants { sink.message(4, grant) }
        sink.texts(5, deniedServices)
        sink.number(6, UInt64(bitPattern: certificateExpiresAt))
        sink.optional(7, peerUID.map { UInt64($0) })
        // Negative numbers are written with their sign in all ten bytes, as protobuf has it.
        sink.optional(8, peerPID.map { UInt64(bitPattern: Int64($0)) })
    }
}
