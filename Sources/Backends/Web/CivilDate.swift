/// The calendar of dates in answers and signatures (proleptic Gregorian, UTC).
enum CivilDate {
    /// Days from 1970-01-01 to a date, which must be one: month 1 to 12.
    static func daysSince1970(year: Int64, month: Int, day: Int64) -> Int64 {
        // Years begin in March here, so that the day of a leap year is the last of its year.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let monthFromMarch = Int64((month + 9) % 12)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
