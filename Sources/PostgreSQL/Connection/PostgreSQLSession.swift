#if PostgreSQL
    package import Databases
    internal import SecretMemory

    /// One connection for a thread of the caller's own, which it blocks: made at the first call, and anew after it was lost.
    package final class PostgreSQLSession<Failure: DatabaseFailure> {
        private let connector: Connector
        private var connection: PostgreSQLConnection<Failure>?
        /// Grows with each new connection: what belonged to the one before, such as a lock, is gone.
        package private(set) var number = 0

        package init(_ settings: PostgreSQLSettings) {
            connector = Connector(settings, preference: HostPreference(), interruption: nil)
        }

        /// Runs `body` with the connection.
        ///
        /// - Parameter deadline: for connecting and for `body` together, as far as it asks the connection.
        package func perform<Success: ~Copyable>(
            deadline: ContinuousClock.Instant,
            _ body: (borrowing PostgreSQLConnection<Failure>) throws(Failure) -> Success
        ) throws(Failure) -> Success {
            let current: PostgreSQLConnection<Failure>
            do throws(DatabaseError) { current = try take(deadline) } catch { throw Failure(error) }
            do throws(Failure) {
                let success = try body(current)
                giveBack(current)
                return success
            } catch {
                giveBack(current)
                throw error
            }
        }

        /// Closes the connection. The next call makes a new one.
        package func disconnect() { connection = nil }

        private func take(_ deadline: ContinuousClock.Instant) throws(DatabaseError) -> PostgreSQLConnection<Failure> {
            if let idle = connection.take(), idle.isAlive() { return idle }
            defer { Hardening.scrubStack() }
            let opened = try connector.connect(deadline: deadline)
            number += 1
            return PostgreSQLConnection(opened, interruption: nil)
        }

        private func giveBack(_ used: consuming PostgreSQLConnection<Failure>) {
            if used.isReusable { connection = consume used }
        }
    }
#endif
