/// Points in time as AWS writes them, in milliseconds since 1970 here.
enum AWSTime {
    /// As in `20261121T093015Z`, in UTC.
    static func basic(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        let (year, month, day) = CivilDate.date(daysSince1970: seconds / 86_400)
        let clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
        return "\(year)\(padded(month))\(padded(day))T\(clock.map(padded).joined())Z"
    }

    /// Reads `2026-11-21T15:30:15Z`, with a fraction of a second, or a distance from UTC such as `+01:00`; nil for all else.
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40, bytes[4] == dash, bytes[7] == dash, bytes[10] == UInt8(ascii: "T"),
            bytes[13] == colon, bytes[16] == colon,
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60,
            let distance = distance(bytes[19...])
        else { return nil }
        let days = CivilDate.daysSince1970(year: year, month: Int(month), day: day)
        return (days * 86_400 + hour * 3600 + minute * 60 + second) * 1000 - distance
    }

    /// Milliseconds that a place's clock is before UTC, from what follows the seconds.
    private static func distance(_ rest: ArraySlice<UInt8>) -> Int64? {
        var rest = rest
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let digits = rest.prefix { isDigit($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
        }
        guard let first = rest.first else { return nil }
        rest = rest.dropFirst()
        switch first {
        case UInt8(ascii: "Z"): return rest.isEmpty ? 0 : nil
        case UInt8(ascii: "+"), dash:
            let start = rest.startIndex
            guard rest.count == 5, rest[start + 2] == colon, let hours = number(rest[start..<(start + 2)]),
                let minutes = number(rest[(start + 3)...])
            else { return nil }
            return (hours * 60 + minutes) * (first == dash ? -60_000 : 60_000)
        default: return nil
        }
    }

    private static let dash = UInt8(ascii: "-")
    private static let colon = UInt8(ascii: ":")

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        digits.allSatisfy(isDigit) ? digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } : nil
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
