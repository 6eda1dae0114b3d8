/// Where a value came from.
public enum SecretSource: UInt32, Sendable, CaseIterable {
    /// The agent did not say, or said something that this version does not know.
    case unspecified = 0
    /// The secrets manager was asked for this request.
    case fresh = 1
    /// The agent still had it, within its lifetime.
    case cached = 2
    /// Its lifetime is over, and the secrets manager cannot be reached.
    case stale = 3
}

/// A value and what is known of it: the answer of GetSecret, and a part of that of GetSecrets.
///
/// The agent makes one of spans that look at its cache, so that a value is copied once, into the buffer it leaves from.
/// The client gets one that looks at the buffer it arrived in.
package struct SecretView: ~Escapable {
    /// The secrets manager's name of the version; empty where it has none.
    package var version: Span<UInt8>
    package var source: SecretSource
    /// Milliseconds since the secrets manager gave the value.
    package var age: UInt64
    /// Milliseconds for which the agent will go on giving it out; nil where it did not keep it.
    package var expiresIn: UInt64?
    /// Where it was found.
    package var namespace: Span<UInt8>
    package var value: Span<UInt8>

    /// An answer to write.
    @_lifetime(copy version, copy namespace, copy value)
    package init(
        version: Span<UInt8>,
        source: SecretSource,
        age: UInt64,
        expiresIn: UInt64?,
        namespace: Span<UInt8>,
        value: Span<UInt8>
    ) {
        self.version = version
        self.source = source
        self.age = age
        self.expiresIn = expiresIn
        self.namespace = namespace
        self.value = value
    }

    /// Reads a payload.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        self.init()
        try merge(ProtobufReader(payload))
    }

    /// Nothing, for fields to be read into.
    @_lifetime(immortal)
    init() {
        version = Span()
        source = .unspecified
        age = 0
        expiresIn = nil
        namespace = Span()
        value = Span()
    }

    /// Reads fields over those that are there, as protobuf does where a message comes in parts.
    @_lifetime(self: copy self, copy fields)
    mutating func merge(_ fields: consuming ProtobufReader) throws(Malformed) {
        while let field = try fields.next() {
            switch field {
            case .delimited(1): version = try fields.string()
            case .varint(2):
                source = SecretSource(rawValue: UInt32(truncatingIfNeeded: try fields.varint())) ?? .unspecified
            case .varint(3): age = try fields.varint()
            case .varint(4): expiresIn = try fields.varint()
            case .delimited(5): namespace = try fields.string()
            case .delimited(15): value = try fields.delimited()
            default: try fields.skip(field)
            }
        }
    }
}

extension SecretView: WireMessage {
    package func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink) {
        sink.bytes(1, version)
        sink.number(2, UInt64(source.rawValue))
        sink.number(3, age)
        sink.optional(4, expiresIn)
        sink.bytes(5, namespace)
        sink.bytes(15, value)
    }
}
