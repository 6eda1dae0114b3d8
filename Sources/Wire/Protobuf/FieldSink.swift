internal import SecretMemory

/// Takes the bytes of a message, either to write them or only to count them. A message lists its fields once, so that
/// its size and its bytes cannot disagree.
package protocol FieldSink: ~Copyable, ~Escapable {
    /// Takes one byte.
    mutating func take(_ byte: UInt8)
    /// Takes a run of bytes.
    mutating func take(_ bytes: Span<UInt8>)
}

/// Counts what it is given.
package struct ByteCounter: FieldSink {
    package private(set) var count = 0

    package init() {}

    package mutating func take(_ byte: UInt8) { count += 1 }
    package mutating func take(_ bytes: Span<UInt8>) { count += bytes.count }
}

/// Writes where the span points, which must have room for all of it.
extension OutputSpan: FieldSink where Element == UInt8 {
    package mutating func take(_ byte: UInt8) { append(byte) }
    package mutating func take(_ bytes: Span<UInt8>) { append(contentsOf: bytes) }
}

extension FieldSink where Self: ~Copyable & ~Escapable {
    /// A number, seven bits a byte.
    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            take(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        take(UInt8(truncatingIfNeeded: rest))
    }

    /// A number; left out where it is 0.
    package mutating func number(_ field: UInt32, _ value: UInt64) {
        if value != 0 { present(field, value) }
    }

    /// A number that can be absent; 0 is written.
    package mutating func optional(_ field: UInt32, _ value: UInt64?) {
        if let value { present(field, value) }
    }

    /// A truth value; left out where it is false.
    package mutating func flag(_ field: UInt32, _ value: Bool) {
        if value { present(field, 1) }
    }

    /// A string or bytes; left out where there are none.
    package mutating func bytes(_ field: UInt32, _ value: Span<UInt8>) {
        if !value.isEmpty { element(field, value) }
    }

    /// A string; left out where it is empty.
    package mutating func text(_ field: UInt32, _ value: String) {
        bytes(field, value.utf8.span)
    }

    /// The strings of a repeated field.
    package mutating func texts(_ field: UInt32, _ values: [String]) {
        for value in values { element(field, value.utf8.span) }
    }

    /// The entries of a map, in ascending order of the key, so that equal maps have equal bytes.
    package mutating func map(_ field: UInt32, _ entries: [String: String]) {
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
            var counter = ByteCounter()
            counter.element(1, key.utf8.span)
            counter.element(2, value.utf8.span)
            delimiter(field, counter.count)
            element(1, key.utf8.span)
            element(2, value.utf8.span)
        }
    }

    /// A message, also where it is empty.
    package mutating func message<Inner: WireMessage & ~Copyable & ~Escapable>(
        _ field: UInt32,
        _ inner: borrowing Inner
    ) {
        delimiter(field, inner.encodedSize)
        inner.list(into: &self)
    }

    private mutating func present(_ field: UInt32, _ value: UInt64) {
        varint(UInt64(field << 3))
        varint(value)
    }

    private mutating func element(_ field: UInt32, _ value: Span<UInt8>) {
        delimiter(field, value.count)
        take(value)
    }

    private mutating func delimiter(_ field: UInt32, _ count: Int) {
        varint(UInt64(field << 3 | 2))
        varint(UInt64(count))
    }
}
