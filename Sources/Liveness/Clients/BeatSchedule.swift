/// When clients are to beat where there are many: those of one connection at the same moment, so that their beats come in
/// one piece and wake the agent once, and connections apart from each other.
enum BeatSchedule {
    /// The part of a period by which a beat may come early and still be the one that was asked for.
    private static let earliness = 0.1

    /// The time until an instance is to beat again.
    ///
    /// - Parameters:
    ///   - longest: what it must not wait longer than.
    ///   - time: of the beat that is answered.
    static func wait(atMost longest: Duration, on connection: ClientConnection, at time: Duration) -> Duration {
        let period = longest / (1 + earliness)
        let offset = period * phase(of: connection)
        let periods = ((time + period * earliness - offset) / period).rounded(.up)
        return min(longest, offset + period * periods - time)
    }

    /// Where in a period a connection's moment is, from 0 to 1.
    private static func phase(of connection: ClientConnection) -> Double {
        // Numbers that follow each other fall evenly over the period when multiplied by the golden ratio.
        let mixed = (connection.token &+ UInt64(connection.loop) << 32) &* 0x9e37_79b9_7f4a_7c15
        return Double(mixed >> 11) / Double(1 << 53)
    }
}
