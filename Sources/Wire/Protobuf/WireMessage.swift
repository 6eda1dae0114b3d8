/// A protobuf message that can be written.
package protocol WireMessage: ~Copyable, ~Escapable {
    /// Hands over the message's fields in ascending order of their numbers, without those that have their default
    /// value.
    func list<Sink: FieldSink & ~Copyable & ~Escapable>(into sink: inout Sink)
}

extension WireMessage where Self: ~Copyable & ~Escapable {
    /// Exactly the bytes that ``encode(into:)`` writes.
    package var encodedSize: Int {
        var counter = ByteCounter()
        list(into: &counter)
        return counter.count
    }

    /// Writes the message. There must be room for ``encodedSize`` bytes.
    package func encode(into output: inout OutputSpan<UInt8>) {
        list(into: &output)
    }
}
