/// A connection to a server of whatever kind. Belongs to one thread, which it blocks until a deadline at most.
package protocol DatabaseConnection: ~Copyable, SendableMetatype {
    associatedtype Failure: DatabaseFailure

    /// Whether the next call may use it: no statement and no transaction is under way.
    var isReusable: Bool { get }

    /// Whether the server has not hung up since the last call, as far as it can be seen without asking it.
    borrowing func isAlive() -> Bool

    /// Runs a statement, and makes a record of each of its rows.
    ///
    /// - Parameter maximumRows: how many rows the caller is prepared for; one more is an error of kind `tooLarge`.
    borrowing func fetch<Record: FetchableRecord>(
        _ statement: DatabaseStatement,
        _ parameters: borrowing DatabaseParameters,
        deadline: ContinuousClock.Instant,
        maximumRows: Int
    ) throws(Failure) -> [Record]

    /// Runs a statement whose rows are of no interest.
    ///
    /// - Returns: the rows that were changed.
    @discardableResult
    borrowing func execute(
        _ statement: DatabaseStatement,
        _ parameters: borrowing DatabaseParameters,
        deadline: ContinuousClock.Instant
    ) throws(Failure) -> Int
}
