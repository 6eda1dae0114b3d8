internal import EventLoop
internal import Synchronization

/// A thread's side of a pool: its connection, opened at the pace that all of them share.
final class PoolWorker<Connection: DatabaseConnection & ~Copyable, Failure: DatabaseFailure> {
    let interruption: Interruption
    let kept: KeptConnection<Connection, Failure>

    init(
        _ pace: ReconnectPacer,
        _ interruption: Interruption,
        _ connect: @escaping KeptConnection<Connection, Failure>.Open
    ) {
        self.interruption = interruption
        kept = KeptConnection { (deadline) throws(DatabaseError) in
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
    }
}

/// The pace that the threads of a pool share.
final class ReconnectPacer: Sendable {
    let state = Mutex(ReconnectPace())
}
