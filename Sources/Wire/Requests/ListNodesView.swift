/// The request of ListNodes.
package struct ListNodesView: WireMessage, Equatable, Sendable {
    /// The last id of the page before; empty for the first.
    package var after: String
    /// 0 leaves it to the agent.
    package var pageSize: UInt64
    /// Whether those that have ended are wanted too.
    package var ended: Bool

    package init(after: String = "", pageSize: UInt64 = 0, ended: Bool = false) {
        self.after = after
        self.pageSize = pageSize
        self.ended = ended
    }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .delimited(1): after = try reader.text()
            case .varint(2): pageSize = try reader.varint()
            case .varint(3): ended = try reader.flag()
            default: try reader.skip(field)
            }
        }
    }

    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.text(1, after)
        sink.number(2, pageSize)
        sink.flag(3, ended)
    }
}
