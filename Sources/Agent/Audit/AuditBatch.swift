internal import SecretMemory

/// The audit records of one turn of a loop, as JSON fields without their chain. Holds names, never a value, its length or a
/// hash of it.
package struct AuditBatch: ~Copyable {
    private var text = LineBuffer()
    /// Where each record ends.
    private(set) var ends: [Int] = []

    /// Whether records are taken at all; where not, none is put together.
    private let isKept: Bool

    package init(isKept: Bool = true) { self.isKept = isKept }

    package var isEmpty: Bool { ends.isEmpty }
    package var count: Int { ends.count }

    /// The records' fields, one after the other.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { text.bytes }
    }

    /// A copy of the fields, for a request that ends in another turn.
    package var fields: [UInt8] {
        let bytes = bytes
        return [UInt8](capacity: bytes.count) { output in
            output.append(contentsOf: bytes)
        }
    }

    /// Begins a record with fields that are ready, such as those about the peer.
    package mutating func begin(_ prefix: [UInt8]) { append(prefix) }

    /// Adds fields that are ready.
    package mutating func append(_ fields: [UInt8]) { if isKept { text.append(fields.span) } }

    /// Ends a record.
    package mutating func end() { if isKept { ends.append(text.count) } }

    package mutating func removeAll() {
        text.removeAll()
        ends.removeAll(keepingCapacity: true)
    }

    /// Adds `,"name":"text"`; nothing where the text is empty.
    @inline(__always)
    package mutating func field(_ name: StaticString, _ value: Span<UInt8>) {
        if isKept, !value.isEmpty { text.append(member: name, escaping: value) }
    }

    package mutating func field(_ name: StaticString, _ value: String) { field(name, value.utf8Span.span) }

    @inline(__always)
    package mutating func field(_ name: StaticString, _ number: Int64) {
        guard isKept else { return }
        text.append(",\"")
        text.append(name)
        text.append("\":")
        text.append(decimal: number)
    }

    /// A field whose text needs no escapes.
    @inline(__always)
    mutating func verbatim(_ name: StaticString, _ value: StaticString) {
        if isKept { text.append(member: name, verbatim: value) }
    }

    /// A field whose name is not known in advance.
    mutating func textField(_ name: String, _ value: String) {
        guard isKept else { return }
        text.append(",\"")
        text.append(escaping: name.utf8Span.span)
        text.append("\":\"")
        text.append(escaping: value.utf8Span.span)
        text.append(UInt8(ascii: "\""))
    }
}

/// Records that have left the loop they were made on.
struct AuditRecords: Sendable {
    let fields: [UInt8]
    let ends: [Int]
    /// Milliseconds since 1970.
    let time: Int64
}
