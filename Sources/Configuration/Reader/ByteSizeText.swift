/// Sizes as a configuration writes them: `4MiB`, `64KB`, `1000`.
package enum ByteSizeText {
    private static let units: [(name: String, bytes: Int)] = [
        ("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
        ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
    ]

    /// An integer and one unit of B, KiB, MiB, GiB (powers of 1024), KB, MB, GB (powers of 1000); none means bytes.
    ///
    /// - Returns: nil where the text is no size, or too large to count.
    package static func parse(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        let digits = bytes.prefix { KeySpelling.isDigit($0) }
        guard let amount = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        let unit = String(decoding: bytes.dropFirst(digits.count), as: UTF8.self)
        guard let size = units.first(where: { $0.name == unit })?.bytes else { return nil }
        let (total, overflow) = amount.multipliedReportingOverflow(by: size)
        return overflow ? nil : total
    }

    /// The shortest form that ``parse(_:)`` reads back.
    package static func format(_ byteCount: Int) -> String {
        for (size, unit) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        where byteCount != 0 && byteCount % size == 0 {
            return "\(byteCount / size)\(unit)"
        }
        return "\(byteCount)"
    }
}
