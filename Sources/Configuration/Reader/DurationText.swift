/// Durations as a configuration writes them: `60s`, `5m`, `PT1M30S`, `P1D`.
package enum DurationText {
    /// Why a text is no duration.
    package enum Refusal: Error, Equatable, Sendable {
        case noUnit
        case malformed
        case negative
        case tooLarge

        /// For a message about a key.
        package var message: String {
            switch self {
            case .noUnit: "has no unit; write for example 60s"
            case .malformed: "is no duration; write for example 500ms, 60s, 5m, 1h, 7d or PT1M30S"
            case .negative: "must not be negative"
            case .tooLarge: "is longer than 36500 days"
            }
        }
    }

    /// Longer ones are refused, so that no sum of times overflows.
    package static let longest = Duration.seconds(36_500 * 86_400)

    /// An integer with exactly one unit of ns, us, ms, s, m, h, d; or ISO 8601 with days, hours, minutes and seconds.
    package static func parse(_ text: String) throws(Refusal) -> Duration {
        let bytes = Array(text.utf8)
        guard let first = bytes.first else { throw .malformed }
        if first == UInt8(ascii: "-") { throw .negative }
        if first == UInt8(ascii: "P") { return try parseISO(bytes) }
        let digits = bytes.prefix { KeySpelling.isDigit($0) }
        guard !digits.isEmpty else { throw .malformed }
        let unit = String(decoding: bytes.dropFirst(digits.count), as: UTF8.self)
        if unit.isEmpty { throw .noUnit }
        guard let nanoseconds = nanoseconds(of: unit) else { throw .malformed }
        return try duration(digits, nanoseconds)
    }

    /// The shortest form that ``parse(_:)`` reads back.
    package static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        if attoseconds == 0 {
            for (size, unit) in [(Int64(86_400), "d"), (3600, "h"), (60, "m")] where seconds % size == 0 && seconds != 0
            {
                return "\(seconds / size)\(unit)"
            }
            return "\(seconds)s"
        }
        let nanoseconds = attoseconds / 1_000_000_000
        if nanoseconds % 1_000_000 == 0 { return "\(seconds * 1000 + nanoseconds / 1_000_000)ms" }
        if seconds < 1_000_000, nanoseconds % 1000 == 0 { return "\(seconds * 1_000_000 + nanoseconds / 1000)us" }
        return "PT\(seconds).\(String(String(1_000_000_000 + nanoseconds).dropFirst()))S"
    }

    private static func nanoseconds(of unit: String) -> Int64? {
        switch unit {
        case "ns": 1
        case "us": 1000
        case "ms": 1_000_000
        case "s": 1_000_000_000
        case "m": 60_000_000_000
        case "h": 3_600_000_000_000
        case "d": 86_400_000_000_000
        default: nil
        }
    }

    private static func duration(_ digits: some Collection<UInt8>, _ nanoseconds: Int64) throws(Refusal) -> Duration {
        guard let amount = Int64(String(decoding: digits, as: UTF8.self)) else { throw .tooLarge }
        let (total, overflow) = amount.multipliedReportingOverflow(by: nanoseconds)
        if !overflow { return try checked(.nanoseconds(total)) }
        let (seconds, beyond) = amount.multipliedReportingOverflow(by: nanoseconds / 1_000_000_000)
        guard !beyond, nanoseconds >= 1_000_000_000, seconds <= longest.components.seconds else { throw .tooLarge }
        return .seconds(seconds)
    }

    private static func checked(_ duration: Duration) throws(Refusal) -> Duration {
        guard duration <= longest else { throw .tooLarge }
        return duration
    }

    private static func parseISO(_ bytes: [UInt8]) throws(Refusal) -> Duration {
        var rest = bytes.dropFirst()
        var total = Duration.zero
        var isTime = false
        var allowed: [(letter: UInt8, unit: String)] = [(UInt8(ascii: "D"), "d")]
        var parts = 0
        while let next = rest.first {
            if next == UInt8(ascii: "T"), !isTime {
                isTime = true
                rest = rest.dropFirst()
                allowed = [(UInt8(ascii: "H"), "h"), (UInt8(ascii: "M"), "m"), (UInt8(ascii: "S"), "s")]
                if rest.isEmpty { throw .malformed }
                continue
            }
            if next == UInt8(ascii: "-") { throw .negative }
            let digits = rest.prefix { KeySpelling.isDigit($0) }
            rest = rest.dropFirst(digits.count)
            var fraction = rest.prefix(0)
            if rest.first == UInt8(ascii: "."), isTime {
                fraction = rest.dropFirst().prefix { KeySpelling.isDigit($0) }
                rest = rest.dropFirst(1 + fraction.count)
                guard (1...9).contains(fraction.count), rest.first == UInt8(ascii: "S") else { throw .malformed }
            }
            guard !digits.isEmpty, let letter = rest.popFirst(),
                let place = allowed.firstIndex(where: { $0.letter == letter }),
                let nanoseconds = nanoseconds(of: allowed[place].unit)
            else { throw .malformed }
            total = try checked(total + duration(digits, nanoseconds))
            if !fraction.isEmpty {
                let padded = Array(fraction) + Array(repeating: UInt8(ascii: "0"), count: 9 - fraction.count)
                total = try checked(total + duration(padded, 1))
            }
            allowed.removeFirst(place + 1)
            parts += 1
        }
        guard parts > 0 else { throw .malformed }
        return total
    }
}
