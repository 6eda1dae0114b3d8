/// Long enough for a busy machine; tests that mean a deadline give their own.
package func soon(_ duration: Duration = .seconds(30)) -> ContinuousClock.Instant { .now.advanced(by: duration) }

/// What did not come about in time.
package struct NotInTime: Error {
    private let what: String

    package init(what: String) { self.what = what }
}
