internal import SecretMemory

/// Reads the fields of a protobuf message in place. What it hands out looks at the bytes it was given.
///
/// It takes what other decoders of protobuf take: a number may be written with more bytes than it needs, a field may
/// come twice and the last one counts, and a field of an unknown number, or of another wire type than expected, is
/// skipped.
package struct ProtobufReader: ~Escapable {
    /// A field's number, and how its value is written.
    package enum Field: Equatable, Sendable {
        case varint(UInt32)
        case fixed64(UInt32)
        case delimited(UInt32)
        case groupStart(UInt32)
        case fixed32(UInt32)
    }

    private let bytes: Span<UInt8>
    /// Where `bytes` begin in the payload, so that an error names a place in the payload.
    private let base: Int
    private var position = 0

    /// - Parameter base: where in the payload the message begins.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, at base: Int = 0) {
        self.bytes = bytes
        self.base = base
    }

    /// Where in the payload the next byte is read.
    package var offset: Int { base + position }

    /// The next field, or nil at the end of the message. Its value is to be read or skipped before the next call.
    @_lifetime(self: copy self)
    package mutating func next() throws(Malformed) -> Field? {
        guard position < bytes.count else { return nil }
        let start = offset
        let tag = try tag()
        let number = tag >> 3
        guard number != 0 else { throw Malformed(.fieldNumber, at: start) }
        switch tag & 7 {
        case 0: return .varint(number)
        case 1: return .fixed64(number)
        case 2: return .delimited(number)
        case 3: return .groupStart(number)
        // Only what skips a group may meet its end.
        case 4: throw Malformed(.group, at: start)
        case 5: return .fixed32(number)
        default: throw Malformed(.wireType, at: start)
        }
    }

    /// The value of a varint field.
    @_lifetime(self: copy self)
    package mutating func varint() throws(Malformed) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            // Of the tenth byte one bit has a place; decoders drop the others, and so do we.
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 70 else { throw Malformed(.varintTooLong, at: start) }
        }
        throw Malformed(.truncated, at: start)
    }

    /// The value of a length-delimited field.
    @_lifetime(copy self)
    package mutating func delimited() throws(Malformed) -> Span<UInt8> {
        let start = offset
        let count = try varint()
        guard count <= UInt64(bytes.count - position) else { throw Malformed(.truncated, at: start) }
        let end = position + Int(count)
        let value = bytes.extracting(position..<end)
        position = end
        return value
    }

    /// The value of a string field.
    @_lifetime(copy self)
    package mutating func string() throws(Malformed) -> Span<UInt8> {
        let value = try delimited()
        guard value.isUTF8 else { throw Malformed(.notUTF8, at: offset - value.count) }
        return value
    }

    /// A reader for the value of a field that is a message.
    @_lifetime(copy self)
    package mutating func message() throws(Malformed) -> ProtobufReader {
        let payload = try delimited()
        return ProtobufReader(payload, at: offset - payload.count)
    }

    /// Skips to the next length-delimited field of this number and returns its value; nil where there is none. For
    /// payloads that have been walked before: what is malformed ends it as the end does.
    @_lifetime(copy self)
    package mutating func nextDelimited(_ number: UInt32) -> Span<UInt8>? {
        do throws(Malformed) {
            while let field = try next() {
                if field == .delimited(number) { return try delimited() }
                try skip(field)
            }
        } catch {}
        return nil
    }

    /// Skips the value of a field.
    @_lifetime(self: copy self)
    package mutating func skip(_ field: Field) throws(Malformed) {
        switch field {
        case .varint: _ = try varint()
        case .fixed64: try drop(8)
        case .delimited: _ = try delimited()
        case .groupStart(let number): try skipGroup(number, depth: 1)
        case .fixed32: try drop(4)
        }
    }

    @_lifetime(self: copy self)
    private mutating func skipGroup(_ number: UInt32, depth: Int) throws(Malformed) {
        guard depth <= WireLimits.groupDepth else { throw Malformed(.tooDeep, at: offset) }
        while position < bytes.count {
            let start = offset
            let tag = try tag()
            let inner = tag >> 3
            guard inner != 0 else { throw Malformed(.fieldNumber, at: start) }
            switch tag & 7 {
            case 0: _ = try varint()
            case 1: try drop(8)
            case 2: _ = try delimited()
            case 3: try skipGroup(inner, depth: depth + 1)
            case 4:
                guard inner == number else { throw Malformed(.group, at: start) }
                return
            case 5: try drop(4)
            default: throw Malformed(.wireType, at: start)
            }
        }
        throw Malformed(.group, at: offset)
    }

    /// A tag has at most five bytes, unlike other numbers.
    @_lifetime(self: copy self)
    private mutating func tag() throws(Malformed) -> UInt32 {
        let start = offset
        let first = position
        let value = try varint()
        guard position - first <= 5, value <= UInt64(UInt32.max) else { throw Malformed(.fieldNumber, at: start) }
        return UInt32(value)
    }

    @_lifetime(self: copy self)
    private mutating func drop(_ count: Int) throws(Malformed) {
        guard bytes.count - position >= count else { throw Malformed(.truncated, at: offset) }
        position += count
    }
}

extension ProtobufReader {
    /// The value of a string field, as a copy. For names, never for values.
    @_lifetime(self: copy self)
    package mutating func text() throws(Malformed) -> String {
        let start = offset
        do {
            return String(copying: try UTF8Span(validating: try delimited()))
        } catch let error as Malformed {
            throw error
        } catch {
            throw Malformed(.notUTF8, at: start)
        }
    }

    /// The value of a varint field that is true or false.
    @_lifetime(self: copy self)
    package mutating func flag() throws(Malformed) -> Bool { try varint() != 0 }

    /// A string entry of a map, or nil fields where it leaves them out.
    @_lifetime(self: copy self)
    package mutating func mapEntry() throws(Malformed) -> (key: String, value: String) {
        var reader = try message()
        var entry = (key: "", value: "")
        while let field = try reader.next() {
            switch field {
            case .delimited(1): entry.key = try reader.text()
            case .delimited(2): entry.value = try reader.text()
            default: try reader.skip(field)
            }
        }
        return entry
    }
}
