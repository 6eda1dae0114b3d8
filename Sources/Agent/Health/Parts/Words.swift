/// Figures as people read them.
enum Words {
    /// From nanoseconds, in the largest unit that leaves a figure of 1 or more; rounded down.
    static func duration(_ nanoseconds: Int64) -> String {
        let units: [(Int64, String)] = [
            (86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "min"), (1_000_000_000, "s"),
            (1_000_000, "ms"),
        ]
        for (index, (size, name)) in units.enumerated() where nanoseconds >= size {
            guard index < 3, nanoseconds < 10 * size else { return "\(nanoseconds / size) \(name)" }
            // Below ten, a minute more or less matters.
            let (next, nextName) = units[index + 1]
            let rest = nanoseconds % size / next
            return rest == 0 ? "\(nanoseconds / size) \(name)" : "\(nanoseconds / size) \(name) \(rest) \(nextName)"
        }
        return "\(max(0, nanoseconds) / 1000) µs"
    }

    /// In binary units, rounded to one decimal.
    static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return "\(count) B" }
        let (unit, name) = count < 1 << 20 ? (1024, "KiB") : count < 1 << 30 ? (1 << 20, "MiB") : (1 << 30, "GiB")
        let tenths = (count * 10 + unit / 2) / unit
        return tenths % 10 == 0 ? "\(tenths / 10) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
    }

    /// With a thin space between thousands.
    static func count(_ number: UInt64) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
            text.append(digit)
        }
        return text
    }

    /// So many a second.
    static func rate(_ events: UInt64, in nanoseconds: Int64) -> String {
        let tenths = Int64(clamping: events).multipliedReportingOverflow(by: 10_000_000_000)
        guard nanoseconds > 0, !tenths.overflow else { return "–" }
        let rounded = tenths.partialValue / nanoseconds
        return rounded >= 1000 ? "\(count(UInt64(rounded / 10))) / s" : "\(rounded / 10).\(rounded % 10) / s"
    }

    /// In percent with one decimal; "–" of nothing.
    static func share(_ part: UInt64, of all: UInt64) -> String {
        guard all > 0 else { return "–" }
        let tenths = part * 1000 / all
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
