internal import Secrets

/// Builds the text exposition format. Labels are fixed words; never a key, a namespace or a peer's name.
struct PrometheusText {
    private(set) var text = ""

    mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: some CustomStringConvertible) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    mutating func gauge(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
        family(name, "gauge", help)
        sample(name, [], value)
    }

    mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
        family(name, "counter", help)
        sample(name, [], value)
    }

    /// One histogram of a family.
    ///
    /// - Parameters:
    ///   - bounds: upper bounds in the unit of the name.
    ///   - counts: one more than bounds; not cumulative.
    mutating func histogram(
        _ name: String,
        _ labels: [(String, String)],
        bounds: [Double],
        counts: [UInt64],
        sum: Double
    ) {
        var total: UInt64 = 0
        for (bound, count) in zip(bounds, counts) {
            total += count
            sample("\(name)_bucket", labels + [("le", "\(bound)")], total)
        }
        total += counts.last ?? 0
        sample("\(name)_bucket", labels + [("le", "+Inf")], total)
        sample("\(name)_sum", labels, sum)
        sample("\(name)_count", labels, total)
    }

    /// One histogram of a family whose unit is seconds.
    mutating func histogram(_ name: String, _ labels: [(String, String)], _ durations: DurationHistogram) {
        histogram(
            name,
            labels,
            bounds: durations.bounds.map { Double($0) / 1_000_000_000 },
            counts: durations.counts,
            sum: Double(durations.sumNanoseconds) / 1_000_000_000
        )
    }
}
