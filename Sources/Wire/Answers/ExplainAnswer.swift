/// The answer of Explain: what would be decided, and why. It never says whether the key exists.
package struct ExplainAnswer: WireMessage, Equatable, Sendable {
    package var allowed: Bool
    /// Why not; an empty word where it is allowed.
    package var reason: Reason
    /// The rule that decided; empty where none applied.
    package var rule: String
    /// A sentence for a person.
    package var message: String
    /// Namespaces in the order in which they would be searched.
    package var namespaces: [String]
    /// Scopes whose secrets managers would be asked, in that order.
    package var scopes: [String]

    package init(
        allowed: Bool = false,
        reason: Reason = Reason(rawValue: ""),
        rule: String = "",
        message: String = "",
        namespaces: [String] = [],
        scopes: [String] = []
    ) {
        self.allowed = allowed
        self.reason = reason
        self.rule = rule
        self.message = message
        self.namespaces = namespaces
        self.scopes = scopes
    }

    /// Reads a payload.
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init()
        var reader = ProtobufReader(payload)
        while let field = try reader.next() {
            switch field {
            case .varint(1): allowed = try reader.flag()
            case .delimited(2): reason = Reason(rawValue: try reader.text())
            case .delimited(3): rule = try reader.text()
            case .delimited(4): message = try reader.text()
            case .delimited(5): namespaces.append(try reader.text())
            case .delimited(6): scopes.append(try reader.text())
            default: try reader.skip(field)
            }
        }
    }

    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.flag(1, allowed)
        sink.text(2, reason.rawValue)
        sink.text(3, rule)
        sink.text(4, message)
        sink.texts(5, namespaces)
        sink.texts(6, scopes)
    }
}
