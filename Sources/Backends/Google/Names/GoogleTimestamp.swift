/// Times as the service writes them: `2026-11-21T09:30:15.123456789Z` (RFC 3339, UTC or with an offset).
enum GoogleTimestamp {
    /// Milliseconds since 1970; nil where the text is no such time.
    static func milliseconds(_ text: String) -> Int64? {
        var rest = text.utf8[...]
        guard let year = number(&rest, digits: 4), take(&rest, "-"),
            let month = number(&rest, digits: 2), (1...12).contains(month), take(&rest, "-"),
            let day = number(&rest, digits: 2), (1...31).contains(day), take(&rest, "T") || take(&rest, "t"),
            let hour = number(&rest, digits: 2), hour < 24, take(&rest, ":"),
            let minute = number(&rest, digits: 2), minute < 60, take(&rest, ":"),
            let second = number(&rest, digits: 2), second <= 60,
            let fraction = milliseconds(&rest), let offset = offsetMinutes(&rest), rest.isEmpty
        else { return nil }
        let days = CivilDate.daysSince1970(year: year, month: Int(month), day: day)
        let minutes = (days * 24 + hour) * 60 + minute - offset
        return (minutes * 60 + second) * 1000 + fraction
    }

    private static func milliseconds(_ rest: inout Substring.UTF8View) -> Int64? {
        guard take(&rest, ".") else { return 0 }
        var value: Int64 = 0
        var digits = 0
        while let byte = rest.first, let digit = digit(byte) {
            if digits < 3 { value = value * 10 + digit }
            digits += 1
            rest = rest.dropFirst()
        }
        guard digits > 0 else { return nil }
        for _ in digits..<max(3, digits) { value *= 10 }
        return value
    }

    private static func offsetMinutes(_ rest: inout Substring.UTF8View) -> Int64? {
        if take(&rest, "Z") || take(&rest, "z") { return 0 }
        let sign: Int64 = take(&rest, "+") ? 1 : take(&rest, "-") ? -1 : 0
        guard sign != 0, let hours = number(&rest, digits: 2), take(&rest, ":"), let minutes = number(&rest, digits: 2)
        else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private static func number(_ rest: inout Substring.UTF8View, digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let byte = rest.first, let digit = digit(byte) else { return nil }
            value = value * 10 + digit
            rest = rest.dropFirst()
        }
        return value
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int64(byte - UInt8(ascii: "0")) : nil
    }

    private static func take(_ rest: inout Substring.UTF8View, _ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
