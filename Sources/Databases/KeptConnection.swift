internal import SecretMemory

/// A connection that one thread keeps from call to call: opened at the first one, and anew after it was lost.
package final class KeptConnection<Connection: DatabaseConnection & ~Copyable, Failure: DatabaseFailure> {
    package typealias Open = (ContinuousClock.Instant) throws(DatabaseError) -> Connection

    private let open: Open
    private var connection: Connection?
    /// Grows with each new connection: what belonged to the one before, such as a lock, is gone.
    package private(set) var number = 0

    /// - Parameter open: is told by when it must have connected.
    package init(_ open: @escaping Open) { self.open = open }

    /// Runs `body` with the connection, and wipes what it left on the stack.
    ///
    /// - Parameter deadline: for connecting; `body` has its own.
    package func perform<Success: ~Copyable>(
        deadline: ContinuousClock.Instant,
        _ body: (borrowing Connection) throws(Failure) -> Success
    ) throws(Failure) -> Success {
        defer { Hardening.scrubStack() }
        let current: Connection
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

    /// Closes the connection. The next call opens a new one.
    package func disconnect() { connection = nil }

    private func take(_ deadline: ContinuousClock.Instant) throws(DatabaseError) -> Connection {
        if let idle = connection.take(), idle.isAlive() { return idle }
        let opened = try open(deadline)
        number += 1
        return opened
    }

    private func giveBack(_ used: consuming Connection) {
        if used.isReusable { connection = consume used }
    }
}
