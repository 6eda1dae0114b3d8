/// A page of names: the answer of ListSecrets. Names and metadata are no secrets, so it holds copies.
package struct ListSecretsAnswer: Equatable, Sendable {
    /// A name and what is known of it.
    package struct Entry: Equatable, Sendable {
        package var namespace: String
        package var key: String
        package var version: String
        /// Milliseconds since 1970; nil where the secrets manager does not say.
        package var updatedAt: Int64?
        package var description: String
        package var tags: [String: String]
        /// It cannot be written through the agent.
        package var readOnly: Bool

        package init(
            namespace: String = "",
            key: String = "",
            version: String = "",
            updatedAt: Int64? = nil,
            description: String = "",
            tags: [String: String] = [:],
            readOnly: Bool = false
        ) {
            self.namespace = namespace
            self.key = key
            self.version = version
            self.updatedAt = updatedAt
            self.description = description
            self.tags = tags
            self.readOnly = readOnly
        }

        init(reading fields: consuming ProtobufReader) throws(Malformed) {
            self.init()
            while let field = try fields.next() {
                switch field {
                case .delimited(1): namespace = try fields.text()
                case .delimited(2): key = try fields.text()
                case .delimited(3): version = try fields.text()
                case .varint(4): updatedAt = Int64(bitPattern: try fields.varint())
                case .delimited(5): description = try fields.text()
                case .delimited(6):
                    let entry = try fields.mapEntry()
                    tags[entry.key] = entry.value
                case .varint(7): readOnly = try fields.flag()
                default: try fields.skip(field)
                }
            }
        }
    }

    package var entries: [Entry]
    /// Empty on the last page.
    package var nextPageToken: String

    package init(entries: [Entry] = [], nextPageToken: String = "") {
        self.entries = entries
        self.nextPageToken = nextPageToken
    }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): entries.append(try Entry(reading: try reader.message()))
            case .delimited(2): nextPageToken = try reader.text()
            default: try reader.skip(field)
            }
        }
    }
}

extension ListSecretsAnswer.Entry: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, namespace)
        sink.text(2, key)
        sink.text(3, version)
        sink.optional(4, updatedAt.map { UInt64(bitPattern: $0) })
        sink.text(5, description)
        sink.map(6, tags)
        sink.flag(7, readOnly)
    }
}

extension ListSecretsAnswer: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        for entry in entries { sink.message(1, entry) }
        sink.text(2, nextPageToken)
    }
}
