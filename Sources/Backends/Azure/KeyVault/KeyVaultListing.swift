internal import HTTP
internal import Secrets
internal import Synchronization

/// The names and labels of a vault's secrets, without values. The vault can neither filter nor sort them, and gives 25 at a time:
/// so they are read together, once for all who wait, and kept for a while.
final class KeyVaultListing: Sendable {
    /// Most secrets that are kept, and pages that are read for them.
    static let maximumSecrets = 20_000
    private static let maximumPages = 4000
    /// How long all pages together may take. Who waits may give up earlier; the pages are then read for the next.
    private static let patience = Duration.seconds(120)
    private static let path = "/secrets"

    /// What the vault had at one time.
    struct Snapshot: Sendable {
        let secrets: [KeyVaultSecret]
        let takenAt: BootInstant
        /// The places of the secrets by their keys, in the form in which keys are compared.
        private let places: [String: [Int]]

        init(_ secrets: [KeyVaultSecret], takenAt: BootInstant, names: ForeignNames) {
            self.secrets = secrets
            self.takenAt = takenAt
            var places: [String: [Int]] = [:]
            for (place, secret) in secrets.enumerated() {
                guard let form = names.form(of: secret.name, secret.tags) else { continue }
                places[form, default: []].append(place)
            }
            self.places = places
        }

        /// The secrets whose key may be this one.
        func candidates(_ key: String) -> [KeyVaultSecret] {
            (places[ForeignNames.fold(key)] ?? []).map { secrets[$0] }
        }
    }

    private typealias Flight = Task<Result<Snapshot, BackendError>, Never>

    private struct State {
        var snapshot: Snapshot?
        var flight: Flight?
        /// Grows with each write of our own, which a listing that began before it may not have seen.
        var writes = 0
    }

    private let vault: KeyVaultService
    private let names: ForeignNames
    private let isWanted: @Sendable (KeyVaultSecret) -> Bool
    private let time: TimeSource
    private let state = Mutex(State())

    /// - Parameter isWanted: whether a secret is worth being kept in memory.
    init(
        _ vault: KeyVaultService,
        names: ForeignNames,
        time: TimeSource,
        keeping isWanted: @escaping @Sendable (KeyVaultSecret) -> Bool
    ) {
        self.vault = vault
        self.names = names
        self.time = time
        self.isWanted = isWanted
    }

    /// What is kept, whatever its age.
    var kept: Snapshot? { state.withLock { $0.snapshot } }

    /// What is kept where it is younger than `age`, or else what the vault has now.
    func snapshot(youngerThan age: Duration) async throws(BackendError) -> Snapshot {
        let now = time.now()
        let (young, flight): (Snapshot?, Flight?) = state.withLock { state in
            if let snapshot = state.snapshot, now < snapshot.takenAt.advanced(by: age) { return (snapshot, nil) }
            if let flight = state.flight { return (nil, flight) }
            let writes = state.writes
            let flight = Flight { await self.take(after: writes) }
            state.flight = flight
            return (nil, flight)
        }
        if let young { return young }
        guard let flight else { preconditionFailure("there is a snapshot or a flight") }
        return try await flight.valueUnlessGivenUp()
    }

    /// Forgets what is kept, and what is under way: something has been written.
    func forget() {
        state.withLock { state in
            state.snapshot = nil
            state.flight = nil
            state.writes += 1
        }
    }

    func close() { state.withLock { $0.flight?.cancel() } }

    private func take(after writes: Int) async -> Result<Snapshot, BackendError> {
        let result: Result<Snapshot, BackendError>
        do throws(BackendError) { result = .success(try await read()) } catch { result = .failure(error) }
        state.withLock { state in
            guard state.writes == writes else { return }
            state.flight = nil
            if case .success(let snapshot) = result { state.snapshot = snapshot }
        }
        return result
    }

    private func read() async throws(BackendError) -> Snapshot {
        let begun = time.now()
        var secrets: [KeyVaultSecret] = []
        var next: String? = Self.path
        for _ in 0..<Self.maximumPages {
            // A page may be empty and still have one after it.
            guard let reference = next else { return Snapshot(secrets, takenAt: begun, names: names) }
            secrets += try await page(reference, &next).filter(isWanted)
            guard secrets.count <= Self.maximumSecrets else { break }
            guard time.now() < begun.advanced(by: Self.patience) else {
                throw .unavailable(
                    detail: "\(Self.action): it takes longer than \(Self.patience.components.seconds) seconds"
                )
            }
        }
        throw .unsupported(
            detail: "the vault has too many secrets to be listed (more than \(Self.maximumSecrets)); use several vaults"
        )
    }

    private func page(_ reference: String, _ next: inout String?) async throws(BackendError) -> [KeyVaultSecret] {
        let answer = try await vault.ask(.get, reference)
        guard answer.isSuccess else { throw answer.error(doing: Self.action) }
        let malformed = BackendError.malformed(detail: "\(Self.action): the answer is no page of a listing")
        guard let list = answer.json.node("value"), answer.json.kind(list) == .array else { throw malformed }
        let link = answer.json.string(answer.json.node("nextLink")) ?? ""
        next = link.isEmpty ? nil : vault.address.reference(of: link, to: Self.path)
        if !link.isEmpty, next == nil {
            throw .malformed(detail: "\(Self.action): the link to the next page leads to another place")
        }
        var secrets: [KeyVaultSecret] = []
        for entry in answer.json.elements(of: list) {
            guard let secret = KeyVaultSecret(answer.json, entry) else { throw malformed }
            secrets.append(secret)
        }
        return secrets
    }

    private static let action = "listing the secrets of the vault"
}
