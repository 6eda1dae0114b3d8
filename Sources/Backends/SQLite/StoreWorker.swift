internal import SecretMemory
internal import Secrets

/// A thread's side of the store: opens its session at the first call, and again after the file failed.
final class StoreWorker {
    private let role: StoreSession.Role
    private let store: SealedStore
    private let options: SQLiteOptions
    private var session: StoreSession?

    init(_ role: StoreSession.Role, _ store: SealedStore, _ options: SQLiteOptions) {
        self.role = role
        self.store = store
        self.options = options
    }

    /// Runs `body` with an open session, and wipes what it left on the stack.
    func perform<Success: ~Copyable>(
        _ body: (StoreSession) throws(StoreFailure) -> Success
    ) throws(BackendError) -> Success {
        defer { Hardening.scrubStack() }
        do throws(StoreFailure) {
            return try body(opened())
        } catch {
            if error.endsConnection { session = nil }
            throw error.explained(store.place, options)
        }
    }

    private func opened() throws(StoreFailure) -> StoreSession {
        if let session { return session }
        let opened = try StoreSession(role, store, options)
        session = opened
        return opened
    }
}
