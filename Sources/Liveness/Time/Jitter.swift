/// Keeps what happens at intervals from falling together on many machines.
package enum Jitter {
    /// The part of an interval that chance may take away.
    package static let share = 0.1

    /// The interval, shortened by a random part of at most ``share``, so that what must happen at least this often does.
    package static func shortened(_ interval: Duration, using generator: inout some RandomNumberGenerator) -> Duration {
        interval - interval * Double.random(in: 0..<share, using: &generator)
    }
}
