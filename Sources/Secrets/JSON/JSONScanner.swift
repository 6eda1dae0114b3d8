/// Walks over a JSON document (RFC 8259), checking all of it and keeping nothing.
struct JSONScanner: ~Escapable {
    struct Malformed: Error {}

    private let document: Span<UInt8>
    private var position = 0
    /// Where every name and value stands, once ``index(limit:)`` has been called.
    private(set) var places: [JSONPlace] = []
    private var placeLimit = 0

    @_lifetime(copy document)
    init(_ document: Span<UInt8>) { self.document = document }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Reads the whole document, which must be an object.
    ///
    /// - Returns: where the value of the last field called `name` stands.
    mutating func findField(_ name: Span<UInt8>) throws(Malformed) -> (kind: JSONField.Kind, range: Range<Int>)? {
        var found: (kind: JSONField.Kind, range: Range<Int>)?
        try openObject()
        if !take(UInt8(ascii: "}")) {
            repeat {
                let key = try string()
                try expect(UInt8(ascii: ":"))
                let matches = equals(key, name)
                let value = try value(depth: 1)
                if matches { found = value }
            } while take(UInt8(ascii: ","))
            try expect(UInt8(ascii: "}"))
        }
        skipSpace()
        guard position == document.count else { throw Malformed() }
        return found
    }

    /// Reads the whole document, whatever it is, and remembers the places of all that is in it.
    ///
    /// - Parameter limit: most names and values; more counts as broken.
    mutating func index(limit: Int) throws(Malformed) {
        placeLimit = limit
        _ = try value(depth: 1)
        skipSpace()
        guard position == document.count else { throw Malformed() }
    }

    private mutating func openObject() throws(Malformed) { try expect(UInt8(ascii: "{")) }

    private mutating func value(depth: Int) throws(Malformed) -> (kind: JSONField.Kind, range: Range<Int>) {
        guard depth <= JSONField.maximumDepth else { throw Malformed() }
        skipSpace()
        let start = position
        let first = peek()
        let place = try openPlace(JSONPlace.Kind(firstByte: first))
        switch first {
        case UInt8(ascii: "\""):
            let range = try string()
            closePlace(place, range)
            return (.string, range)
        case UInt8(ascii: "{"):
            position += 1
            if !take(UInt8(ascii: "}")) {
                repeat {
                    let name = try openPlace(.name)
                    closePlace(name, try string())
                    try expect(UInt8(ascii: ":"))
                    _ = try value(depth: depth + 1)
                } while take(UInt8(ascii: ","))
                try expect(UInt8(ascii: "}"))
            }
        case UInt8(ascii: "["):
            position += 1
            if !take(UInt8(ascii: "]")) {
                repeat { _ = try value(depth: depth + 1) } while take(UInt8(ascii: ","))
                try expect(UInt8(ascii: "]"))
            }
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
        closePlace(place, start..<position)
        let isStructure = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        return (isStructure ? .structure : .plain, start..<position)
    }

    /// - Returns: its number; nil where nothing is remembered.
    private mutating func openPlace(_ kind: JSONPlace.Kind) throws(Malformed) -> Int? {
        guard placeLimit > 0 else { return nil }
        guard places.count < placeLimit else { throw Malformed() }
        places.append(JSONPlace(kind: kind, range: 0..<0, next: 0))
        return places.count - 1
    }

    private mutating func closePlace(_ place: Int?, _ range: Range<Int>) {
        guard let place else { return }
        places[place].range = range
        places[place].next = places.count
    }

    /// - Returns: what stands between the quotes, its escapes checked.
    private mutating func string() throws(Malformed) -> Range<Int> {
        try expect(UInt8(ascii: "\""))
        let start = position
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return start..<(position - 1)
            case UInt8(ascii: "\\"): try escape()
            case ..<0x20: throw Malformed()
            default: break
            }
        }
        throw Malformed()
    }

    private mutating func escape() throws(Malformed) {
        guard let byte = peek() else { throw Malformed() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            let unit = try hexUnit()
            // A low half alone is no character; a high half needs its low half.
            if unit >= 0xdc00, unit < 0xe000 { throw Malformed() }
            guard unit >= 0xd800, unit < 0xdc00 else { return }
            guard peek() == UInt8(ascii: "\\") else { throw Malformed() }
            position += 1
            guard peek() == UInt8(ascii: "u") else { throw Malformed() }
            position += 1
            let low = try hexUnit()
            guard low >= 0xdc00, low < 0xe000 else { throw Malformed() }
        default: throw Malformed()
        }
    }

    private mutating func hexUnit() throws(Malformed) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Self.hexDigit(byte) else { throw Malformed() }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func number() throws(Malformed) {
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if peek() == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(Malformed) {
        let start = position
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        guard position > start else { throw Malformed() }
    }

    private mutating func word(_ text: StaticString) throws(Malformed) {
        guard document.count - position >= text.utf8CodeUnitCount else { throw Malformed() }
        for index in 0..<text.utf8CodeUnitCount {
            let wanted = unsafe text.utf8Start[index]
            guard document[position] == wanted else { throw Malformed() }
            position += 1
        }
    }

    /// Whether the escaped text in `range` says `name`.
    func equals(_ range: Range<Int>, _ name: Span<UInt8>) -> Bool {
        var matched = 0
        var equal = true
        JSONField.unescape(document, range) { byte in
            if matched < name.count, name[matched] == byte { matched += 1 } else { equal = false }
        }
        return equal && matched == name.count
    }

    private func peek() -> UInt8? { position < document.count ? document[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), Self.isSpace(byte) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Malformed) {
        guard take(byte) else { throw Malformed() }
    }
}
