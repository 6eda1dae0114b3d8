import Glibc

/// What was measured, for people: a line for each figure, with its promise and whether it was kept.
struct Report {
    private static let nameWidth = 46
    private var met = 0
    private var notMet = 0

    func section(_ title: String) { write("\n== \(title)") }

    func note(_ text: String) { write("   \(text)") }

    func figure(_ name: String, _ value: String) { write("   \(Self.padded(name))\(value)") }

    mutating func figure(_ name: String, _ value: String, promise: String, isMet: Bool) {
        if isMet { met += 1 } else { notMet += 1 }
        write("   \(Self.padded(name))\(value)   [\(promise): \(isMet ? "met" : "NOT MET")]")
    }

    func end() { write("\n\(met) of \(met + notMet) promises met here.") }

    private static func padded(_ name: String) -> String {
        name + String(repeating: " ", count: max(2, nameWidth - name.count))
    }

    private func write(_ line: String) {
        print(line)
        // Somebody may be watching through a pipe.
        fflush(nil)
    }
}

/// Figures in the units that people read.
enum Figure {
    /// From nanoseconds, in microseconds or milliseconds.
    static func time(_ nanoseconds: Int64) -> String {
        nanoseconds.magnitude < 1_000_000
            ? decimal(nanoseconds, unit: 1000) + " us" : decimal(nanoseconds, unit: 1_000_000) + " ms"
    }

    /// From KiB.
    static func mebibytes(_ kibibytes: Int) -> String { decimal(Int64(kibibytes), unit: 1024) + " MiB" }

    /// With two decimals.
    static func ratio(_ value: Double) -> String { decimal(Int64(value * 1000), unit: 1000, digits: 2) }

    private static func decimal(_ value: Int64, unit: Int64, digits: Int = 1) -> String {
        let scale: Int64 = digits == 2 ? 100 : 10
        let scaled = (value.magnitude * UInt64(scale) + UInt64(unit) / 2) / UInt64(unit)
        let fraction = String(scaled % UInt64(scale))
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(value < 0 ? "-" : "")\(scaled / UInt64(scale)).\(zeros)\(fraction)"
    }
}
