/// Points in time as signatures name them.
enum AWSTime {
    /// As in `20261121T093015Z`, in UTC.
    ///
    /// - Parameter milliseconds: since 1970.
    static func basic(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        let (year, month, day) = CivilDate.date(daysSince1970: seconds / 86_400)
        let clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
        return "\(year)\(padded(month))\(padded(day))T\(clock.map(padded).joined())Z"
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
