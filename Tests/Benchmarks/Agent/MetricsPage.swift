/// The agent's own figures at one moment.
struct MetricsPage {
    /// A sample's name with its labels, and its value; in the page's order.
    private let samples: [(name: Substring, value: Double)]

    init(port: UInt16) throws {
        let page = try PageLink(port: port).get("/prometheus")
        samples = page.split(whereSeparator: \.isNewline).compactMap { line in
            guard line.hasPrefix("tacit_"), let space = line.lastIndex(of: " ") else { return nil }
            return Double(line[line.index(after: space)...]).map { (line[..<space], $0) }
        }
    }

    /// The sum of all samples whose names begin so.
    func sum(_ prefix: String) -> Int { Int(samples.reduce(0) { $0 + ($1.name.hasPrefix(prefix) ? $1.value : 0) }) }

    /// The bound, in seconds, that this part of the reads of one secret since `earlier` stayed within, by the agent's own clock.
    func timeWithinAgent(_ part: Double, since earlier: MetricsPage) -> Double {
        let prefix = "tacit_request_duration_seconds_bucket{method=\"get\""
        let before = earlier.samples.filter { $0.name.hasPrefix(prefix) }
        let after = samples.filter { $0.name.hasPrefix(prefix) }
        let counts = zip(after, before).map { $0.value - $1.value }
        let all = counts.last ?? 0
        guard all > 0, let index = counts.firstIndex(where: { $0 >= all * part }) else { return 0 }
        let quoted = after[index].name.split(separator: "\"")
        return quoted.count > 3 ? Double(quoted[3]) ?? .infinity : .infinity
    }
}
