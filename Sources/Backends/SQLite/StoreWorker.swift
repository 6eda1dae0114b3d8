internal import Cryptography
internal import SecretMemory
internal import Secrets

/// A thread's side of the store: opens its session at the first call, and again after the file failed.
final class StoreWorker {
    private let role: StoreSession.Role
    private let options: SQLiteOptions
    private let keyring: EnvelopeKeyring
    private let floor: VersionFloor
    private let notices: BackendNotices
    private var session: StoreSession?

    init(
        _ role: StoreSession.Role,
        options: SQLiteOptions,
        keyring: EnvelopeKeyring,
        floor: VersionFloor,
        notices: @escaping BackendNotices
    ) {
        self.role = role
        self.options = options
        self.keyring = keyring
        self.floor = floor
        self.notices = notices
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
            throw error.explained(file: options.path, busyTimeout: options.busyTimeout)
        }
    }

    private func opened() throws(StoreFailure) -> StoreSession {
        if let session { return session }
        let opened = try StoreSession(role, options: options, keyring: keyring, floor: floor, notices: notices)
        session = opened
        return opened
    }
}
