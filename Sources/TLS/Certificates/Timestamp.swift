/// Dates for people.
enum Timestamp {
    /// As in `2026-03-01T12:00:00Z`.
    ///
    /// - Parameter seconds: since 1970.
    static func text(_ seconds: Int64) -> String {
        let day = seconds.quotient(floorDividingBy: 86_400)
        let second = seconds - day * 86_400
        let clock = [second / 3600, second / 60 % 60, second % 60]
        return date(day).map(padded).joined(separator: "-") + "T" + clock.map(padded).joined(separator: ":") + "Z"
    }

    /// Year, month and day of the Gregorian calendar. Years are counted from March, so that the leap day comes last,
    /// in eras of 400 years, each of which has 146,097 days.
    private static func date(_ daySince1970: Int64) -> [Int64] {
        let day = daySince1970 + 719_468
        let era = day.quotient(floorDividingBy: 146_097)
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1]
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
