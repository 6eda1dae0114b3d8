internal import EventLoop
internal import SecretMemory
internal import Synchronization

/// What a pool asks of a connection.
package protocol DatabaseConnection: ~Copyable, SendableMetatype {
    /// Whether the next call may use it: no statement and no transaction is under way.
    var isReusable: Bool { get }
    /// Whether the server has not hung up since the last call, as far as it can be seen without asking it.
    borrowing func isAlive() -> Bool
}

/// A thread's side of a pool: connects at the first call, and again after the connection was lost.
final class PoolWorker<Connection: DatabaseConnection & ~Copyable, Failure: DatabaseFailure> {
    typealias Connect = (ContinuousClock.Instant) throws(DatabaseError) -> Connection

    private let pace: ReconnectPacer
    let interruption: Interruption
    private let connect: Connect
    private var connection: Connection?

    init(_ pace: ReconnectPacer, _ interruption: Interruption, _ connect: @escaping Connect) {
        self.pace = pace
        self.interruption = interruption
        self.connect = connect
    }

    /// Runs `body` with a connection, and wipes what it left on the stack.
    func perform<Success: ~Copyable>(
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

    /// Closes the connection.
    func disconnect() { connection = nil }

    private func take(_ deadline: ContinuousClock.Instant) throws(DatabaseError) -> Connection {
        if let idle = connection.take(), idle.isAlive() { return idle }
        if let refusal = pace.state.withLock({ $0.refusal(at: .now) }) { throw refusal }
        do throws(DatabaseError) {
            let opened = try connect(deadline)
            pace.state.withLock { $0.succeeded() }
            return opened
        } catch {
            // That one caller had no patience says nothing about the server.
            if error.kind != .cancelled {
                pace.state.withLock { $0.failed(error, at: .now, chance: .random(in: 0...1)) }
            }
            throw error
        }
    }

    private func giveBack(_ used: consuming Connection) {
        if used.isReusable { connection = consume used }
    }
}

/// The pace that the threads of a pool share.
final class ReconnectPacer: Sendable {
    let state = Mutex(ReconnectPace())
}
