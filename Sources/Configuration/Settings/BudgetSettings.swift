/// `kestra.secret.budget`: how much a manager is asked, and when it is left alone.
package struct BudgetSettings: Sendable, Equatable {
    /// Calls under way at the same time.
    package var concurrency = 32
    /// Calls that may wait for their turn.
    package var queueLimit = 1000
    /// Calls begun in a second, in the long run; nil for no bound.
    package var callsPerSecond: Int?
    /// Calls that may be begun at once after a pause.
    package var burst = 100
    /// Failures in a row after which the manager is left alone; 0 for never.
    package var breakerFailures = 5
    /// How long it is left alone at first; each further time twice as long.
    package var breakerOpenFor = Duration.seconds(5)
    package var breakerLongestOpen = Duration.seconds(60)

    package init() {}
}

extension BudgetSettings {
    static let schema: SectionSchema = [
        "concurrency": .integer, "queue-limit": .integer, "calls-per-second": .integer, "burst": .integer,
        "breaker": .nested(["failures": .integer, "open-for": .duration, "longest-open": .duration]),
    ]

    init(_ reader: ConfigurationReader) {
        concurrency = reader.int("concurrency", default: concurrency, in: 1...10_000)
        queueLimit = reader.int("queue-limit", default: queueLimit, in: 0...1_000_000)
        if reader.has("calls-per-second") {
            callsPerSecond = reader.int("calls-per-second", default: 1, in: 1...1_000_000)
        }
        burst = reader.int("burst", default: burst, in: 1...1_000_000)
        let breaker = reader.nested("breaker")
        breakerFailures = breaker.int("failures", default: breakerFailures, in: 0...1_000_000)
        let range = Duration.milliseconds(10)...Duration.seconds(3600)
        breakerOpenFor = breaker.duration("open-for", default: breakerOpenFor, in: range)
        breakerLongestOpen = breaker.duration(
            "longest-open",
            default: max(breakerLongestOpen, breakerOpenFor),
            in: range
        )
        if breakerLongestOpen < breakerOpenFor { breaker.report("longest-open", "must not be shorter than open-for") }
        breaker.finish()
        reader.finish()
    }
}
