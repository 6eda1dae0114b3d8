/// The answer of Health: the agent's state and that of each part.
package struct HealthAnswer: Equatable, Sendable {
    /// A fact about a part.
    package struct Detail: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }

        init(reading fields: consuming ProtobufReader) throws(Malformed) {
            self.init(name: "", value: "")
            while let field = try fields.next() {
                switch field {
                case .delimited(1): name = try fields.text()
                case .delimited(2): value = try fields.text()
                default: try fields.skip(field)
                }
            }
        }
    }

    /// A part of the agent.
    package struct Part: Equatable, Sendable {
        package var name: String
        /// `UP`, `DOWN` or `UNKNOWN`.
        package var status: String
        package var details: [Detail]

        package init(name: String, status: String, details: [Detail] = []) {
            self.name = name
            self.status = status
            self.details = details
        }

        init(reading fields: consuming ProtobufReader) throws(Malformed) {
            self.init(name: "", status: "")
            while let field = try fields.next() {
                switch field {
                case .delimited(1): name = try fields.text()
                case .delimited(2): status = try fields.text()
                case .delimited(3): details.append(try Detail(reading: try fields.message()))
                default: try fields.skip(field)
                }
            }
        }
    }

    /// `UP`, `DOWN` or `UNKNOWN`: that of the whole.
    package var status: String
    /// The agent's version.
    package var version: String
    /// The agent's name of its node.
    package var node: String
    package var parts: [Part]

    package init(status: String, version: String = "", node: String = "", parts: [Part] = []) {
        self.status = status
        self.version = version
        self.node = node
        self.parts = parts
    }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init(status: "")
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): status = try reader.text()
            case .delimited(2): version = try reader.text()
            case .delimited(3): node = try reader.text()
            case .delimited(4): parts.append(try Part(reading: try reader.message()))
            default: try reader.skip(field)
            }
        }
    }
}

extension HealthAnswer.Detail: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, name)
        sink.text(2, value)
    }
}

extension HealthAnswer.Part: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, name)
        sink.text(2, status)
        for detail in details { sink.message(3, detail) }
    }
}

extension HealthAnswer: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, status)
        sink.text(2, version)
        sink.text(3, node)
        for part in parts { sink.message(4, part) }
    }
}
