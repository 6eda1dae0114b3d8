#if PostgreSQL
    import Foundation
    import Databases
    import PoolCalls
    import DatabaseServers
    import Synchronization

    extension PostgreSQLServer {
        /// Asks the server until it gives that answer. What goes on inside a server tells nobody when it has changed.
        func waitFor(_ question: String, _ answer: String) async throws {
            let end = soon(.seconds(20))
            while try sql(question) != answer {
                guard ContinuousClock.now < end else { throw NotInTime(what: question) }
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        func waitForOne(_ question: String) async throws { try await waitFor(question, "1") }
    }

    /// An answer that a task gives and a thread waits for.
    final class Answer: Sendable {
        private let place = Mutex<DatabaseError?>(nil)
        private let given = DispatchSemaphore(value: 0)

        func give(_ error: DatabaseError?) {
            place.withLock { $0 = error }
            given.signal()
        }

        func take() -> DatabaseError? {
            guard given.wait(timeout: .now() + 30) == .success else { return nil }
            return place.withLock { $0 }
        }
    }
#endif
