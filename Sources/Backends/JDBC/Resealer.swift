internal import Databases
internal import Secrets

/// Seals what others sealed under older secrets, for as long as such secrets are configured: other agents may still write
/// under them.
struct Resealer<Connection: DatabaseConnection & ServerTable & ~Copyable>: Sendable {
    let store: SealedStore
    let options: JDBCOptions
    let pool: DatabasePool<Connection, StoreFailure>

    /// Between one look and the next.
    static var pause: Duration { .seconds(600) }
    /// After something failed.
    static var pauseAfterFailure: Duration { .seconds(5) }

    /// Returns when its task is cancelled or the pool is closed.
    func run(isCurrent: Bool) async {
        var (progress, isCurrent, hasFailed) = (Resealing(), isCurrent, false)
        while !Task.isCancelled {
            do throws(StoreFailure) {
                progress = try await step(progress, isCurrent)
                hasFailed = false
            } catch {
                if error.databaseKind == .closed || error.databaseKind == .cancelled { return }
                if !hasFailed { store.notices("sealing under the new secret: \(error.explained(store.place))") }
                hasFailed = true
            }
            if progress.isDone { (progress, isCurrent) = (Resealing(), true) } else if !hasFailed { continue }
            let pause = hasFailed ? Self.pauseAfterFailure : Self.pause
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }

    private func step(_ progress: Resealing, _ isCurrent: Bool) async throws(StoreFailure) -> Resealing {
        let (store, call) = (store, options.call(until: .now.advanced(by: options.callLimit)))
        return try await pool.perform(deadline: call.deadline) { (connection) throws(StoreFailure) in
            let progress = try store.reseal(progress, in: connection, call)
            let isNews = !isCurrent || progress.resealed + progress.left > 0
            if progress.isDone, isNews { try store.finish(progress, in: connection, call) }
            return progress
        }
    }
}
