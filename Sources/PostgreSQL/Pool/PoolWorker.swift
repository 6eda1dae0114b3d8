#if PostgreSQL
    internal import EventLoop
    internal import SecretMemory
    internal import Synchronization

    /// What the threads of a pool share.
    final class PoolState: Sendable {
        let settings: PostgreSQLSettings
        let preference = HostPreference()
        let pace = Mutex(ReconnectPace())

        init(_ settings: PostgreSQLSettings) { self.settings = settings }
    }

    /// A thread's side of a pool: connects at the first call, and again after the connection was lost.
    final class PoolWorker<Failure: PostgreSQLFailure> {
        private let shared: PoolState
        private let connector: Connector
        let interruption: Interruption
        private var connection: PostgreSQLConnection<Failure>?

        init(_ shared: PoolState, _ interruption: Interruption) {
            self.shared = shared
            self.interruption = interruption
            connector = Connector(shared.settings, preference: shared.preference, interruption: interruption)
        }

        /// Runs `body` with a connection, and wipes what it left on the stack.
        func perform<Success: ~Copyable>(
            deadline: ContinuousClock.Instant,
            _ body: (borrowing PostgreSQLConnection<Failure>) throws(Failure) -> Success
        ) throws(Failure) -> Success {
            defer { Hardening.scrubStack() }
            let current: PostgreSQLConnection<Failure>
            do throws(PostgreSQLError) { current = try take(deadline) } catch { throw Failure(error) }
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

        private func take(_ deadline: ContinuousClock.Instant) throws(PostgreSQLError) -> PostgreSQLConnection<Failure>
        {
            if let idle = connection.take(), idle.isAlive() { return idle }
            if let refusal = shared.pace.withLock({ $0.refusal(at: .now) }) { throw refusal }
            do throws(PostgreSQLError) {
                let opened = try connector.connect(deadline: deadline)
                shared.pace.withLock { $0.succeeded() }
                return PostgreSQLConnection(opened, interruption: interruption)
            } catch {
                // That one caller had no patience says nothing about the server.
                if error.kind != .cancelled {
                    shared.pace.withLock { $0.failed(error, at: .now, chance: .random(in: 0...1)) }
                }
                throw error
            }
        }

        private func giveBack(_ used: consuming PostgreSQLConnection<Failure>) {
            if used.isReusable { connection = consume used }
        }
    }
#endif
