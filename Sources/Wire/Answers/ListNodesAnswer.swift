/// A page of the registry: the answer of ListNodes.
package struct ListNodesAnswer: Equatable, Sendable {
    /// An instance on some node.
    package struct Node: Equatable, Sendable {
        package var id = ""
        package var type = ""
        package var state = ""
        package var node = ""
        package var version = ""
        package var serverID = ""
        /// Milliseconds since 1970.
        package var createdAt: UInt64 = 0
        /// Milliseconds since it last wrote.
        package var silent: UInt64 = 0
        /// Milliseconds of silence after which it counts as disconnected.
        package var timeout: UInt64 = 0
        package var listeners: [String] = []
        package var problems: [String] = []

        package init() {}

        init(reading fields: consuming ProtobufReader) throws(Malformed) {
            while let field = try fields.next() {
                switch field {
                case .delimited(1): id = try fields.text()
                case .delimited(2): type = try fields.text()
                case .delimited(3): state = try fields.text()
                case .delimited(4): node = try fields.text()
                case .delimited(5): version = try fields.text()
                case .delimited(6): serverID = try fields.text()
                case .varint(7): createdAt = try fields.varint()
                case .varint(8): silent = try fields.varint()
                case .varint(9): timeout = try fields.varint()
                case .delimited(10): listeners.append(try fields.text())
                case .delimited(11): problems.append(try fields.text())
                default: try fields.skip(field)
                }
            }
        }
    }

    package var nodes: [Node] = []
    /// Empty on the last page.
    package var next = ""
    /// The id of the agent that answers.
    package var ownID = ""
    /// Milliseconds since the registry was read.
    package var age: UInt64 = 0
    /// Rows that cannot be read.
    package var damaged: UInt64 = 0

    package init() {}

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): nodes.append(try Node(reading: try reader.message()))
            case .delimited(2): next = try reader.text()
            case .delimited(3): ownID = try reader.text()
            case .varint(4): age = try reader.varint()
            case .varint(5): damaged = try reader.varint()
            default: try reader.skip(field)
            }
        }
    }
}

extension ListNodesAnswer.Node: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, id)
        sink.text(2, type)
        sink.text(3, state)
        sink.text(4, node)
        sink.text(5, version)
        sink.text(6, serverID)
        sink.number(7, createdAt)
        sink.number(8, silent)
        sink.number(9, timeout)
        sink.texts(10, listeners)
        sink.texts(11, problems)
    }
}

extension ListNodesAnswer: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        for node in nodes { sink.message(1, node) }
        sink.text(2, next)
        sink.text(3, ownID)
        sink.number(4, age)
        sink.number(5, damaged)
    }
}
