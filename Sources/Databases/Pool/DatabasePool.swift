internal import BlockingCalls
internal import EventLoop
internal import OpenSSLHooks
internal import SecretMemory
internal import Synchronization

/// A few connections to a database, each on a thread of its own, and a bounded queue of calls that wait for them.
///
/// Connections are opened when they are needed, closed when nothing needs them, and opened again, on the next of the
/// hosts if need be, after they were lost.
package final class DatabasePool<Connection: DatabaseConnection & ~Copyable, Failure: DatabaseFailure>: Sendable {
    private let queue: CallQueue<PoolWorker<Connection, Failure>>

    /// Starts the threads. The first call connects.
    ///
    /// - Parameters:
    ///   - thread: the threads' name.
    ///   - startLibrary: what the client library needs before the first of its threads.
    ///   - makeConnect: makes what a thread connects with; once for each, on that thread.
    /// - Throws: where OpenSSL was in use before it could be given locked memory, or no thread can be had.
    package convenience init(
        thread: String,
        limits: DatabasePoolLimits,
        startLibrary: () throws(DatabaseError) -> Void = {},
        _ makeConnect:
            @escaping @Sendable (Interruption) -> (ContinuousClock.Instant) throws(DatabaseError) -> Connection
    ) throws(Failure) {
        do throws(DatabaseError) {
            guard OpenSSLMemory.install() else {
                throw DatabaseError(.settings, "OpenSSL was started before it could be given locked memory")
            }
            try startLibrary()
            try self.init(threads: thread, limits, makeConnect)
        } catch {
            throw Failure(error)
        }
    }

    private init(
        threads thread: String,
        _ limits: DatabasePoolLimits,
        _ makeConnect:
            @escaping @Sendable (Interruption) -> (ContinuousClock.Instant) throws(DatabaseError) -> Connection
    ) throws(DatabaseError) {
        queue = CallQueue(limit: limits.queueLimit)
        let pace = ReconnectPacer()
        let idleness = CallQueue<PoolWorker<Connection, Failure>>.Idleness(after: limits.idle) { $0.kept.disconnect() }
        for _ in 0..<max(1, limits.size) {
            let interruption: Interruption
            do throws(SystemFailure) { interruption = try Interruption() } catch {
                queue.stop()
                throw DatabaseError(.exhausted, "\(error)")
            }
            do throws(DedicatedThread.Refusal) {
                try queue.start(thread, idle: idleness) {
                    PoolWorker(pace, interruption, makeConnect(interruption))
                }
            } catch {
                queue.stop()
                throw DatabaseError(.exhausted, "\(SystemFailure(operation: "pthread_create", code: error.code))")
            }
        }
    }

    /// Threads hold the queue and not the pool, so a pool that was never closed ends them here.
    deinit { queue.stop() }

    /// Lets the calls that wait be made, and closes the connections.
    package func close() async { await queue.close() }

    /// Runs `body` with a connection, on its thread. A task that is cancelled stops waiting, and so does the connection.
    ///
    /// - Parameter deadline: for the wait in the queue, for connecting and, where `body` hands it on, for its statements.
    @discardableResult
    package func perform<Success: ~Copyable & Sendable>(
        deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable (borrowing Connection) throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let call = PendingCall<Success, Failure>()
        let run = Run()
        do throws(CallQueue<PoolWorker<Connection, Failure>>.Refusal) {
            try queue.submit { worker in
                // Before the look at the call: a cancellation after it finds whom to interrupt.
                run.began(worker.interruption)
                guard !call.isSettled else { return }
                do throws(Failure) {
                    call.succeed(try worker.kept.perform(deadline: deadline, body))
                } catch {
                    call.fail(error)
                }
            }
        } catch {
            throw Failure(Self.explain(error))
        }
        // A call that runs has its deadline from its connection; one that waits has it from here.
        let alarm = Task {
            guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil, !run.hasBegun else { return }
            call.fail(Failure(DatabaseError(.timeout, "all connections to the database were in use")))
        }
        defer { alarm.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { call.wait($0) }
        } onCancel: {
            call.fail(Failure(DatabaseError(.cancelled, "the caller gave up")))
            run.interrupt()
        }
        return try call.take()
    }

    private static func explain(_ refusal: CallQueue<PoolWorker<Connection, Failure>>.Refusal) -> DatabaseError {
        switch refusal {
        case .closed: DatabaseError(.closed, "the connections to the database are closed")
        case .full: DatabaseError(.busy, "too many calls wait for a connection to the database")
        case .cancelled: DatabaseError(.cancelled, "the caller gave up")
        }
    }

    /// Which thread a call runs on, for whoever gives it up.
    private final class Run: Sendable {
        private let place = Mutex<(interruption: Interruption, call: UInt64)?>(nil)

        var hasBegun: Bool { place.withLock { $0 != nil } }

        func began(_ interruption: Interruption) {
            let call = interruption.begin()
            place.withLock { $0 = (interruption, call) }
        }

        func interrupt() { if let (interruption, call) = place.withLock({ $0 }) { interruption.raise(call) } }
    }
}

/// A pool's measures.
package struct DatabasePoolLimits: Sendable {
    /// Connections, and threads.
    package var size = 2
    /// Calls that may wait; one more is answered with an error of kind `busy`.
    package var queueLimit = 256
    /// How long a connection is kept that nobody uses.
    package var idle: Duration = .seconds(60)

    package init() {}
}
