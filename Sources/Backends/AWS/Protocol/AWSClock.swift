internal import Secrets
internal import Synchronization

/// The wall clock as AWS has it. Signatures hold for some minutes around the time that they name, and the machine's clock may be
/// further away than that.
final class AWSClock: Sendable {
    /// A difference beyond this is no clock but somebody in between.
    static let largestCorrection: Int64 = 24 * 3600 * 1000
    /// Differences below it are the network's.
    static let smallestCorrection: Int64 = 2000

    private let time: TimeSource
    private let offset = Atomic<Int64>(0)

    init(_ time: TimeSource) { self.time = time }

    /// Milliseconds since 1970.
    var now: Int64 { time.wall() + offset.load(ordering: .relaxed) }

    /// Takes the server's word for the time.
    ///
    /// - Parameter serverDate: seconds since 1970, from an answer that refused a signature for its time.
    /// - Returns: by how many milliseconds the machine's clock is behind; nil where nothing changed.
    func correct(_ serverDate: Int64) -> Int64? {
        let difference = serverDate * 1000 - time.wall()
        guard abs(difference) <= Self.largestCorrection,
            abs(difference - offset.load(ordering: .relaxed)) >= Self.smallestCorrection
        else { return nil }
        offset.store(difference, ordering: .relaxed)
        return difference
    }
}
