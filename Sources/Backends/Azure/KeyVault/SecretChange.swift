internal import HTTP
internal import SecretMemory
internal import Secrets

/// Writes and deletes, past what is left of earlier deletions. A vault keeps what is deleted for days, under its name, and goes
/// on with it for seconds after it has answered.
struct SecretChange: Sendable {
    /// Between two looks, as the official libraries do, and how long to go on.
    static let pause = Duration.seconds(2)
    static let patience = Duration.seconds(60)

    let vault: KeyVaultService
    let time: TimeSource

    /// Writes. A deleted secret of that name is recovered first: for the time in between its old value is there again.
    func put(
        _ name: String,
        _ body: SharedSecret,
        for key: String
    ) async throws(BackendError) -> KeyVaultService.Answer {
        let end = time.now().advanced(by: Self.patience)
        var hasYielded = false
        while true {
            let answer = try await vault.ask(.put, "/secrets/\(name)", body: body)
            let refusal = answer.isSuccess || time.now() >= end ? nil : answer.refusal
            if refusal == .deleted {
                try await recover(name, key, until: end)
            } else if refusal == .beingDeleted || refusal == .beingRecovered {
                try await wait()
            } else if refusal == .conflict, !hasYielded {
                hasYielded = true
            } else {
                return answer
            }
        }
    }

    func delete(_ name: String) async throws(BackendError) -> KeyVaultService.Answer {
        let end = time.now().advanced(by: Self.patience)
        while true {
            let answer = try await vault.ask(.delete, "/secrets/\(name)")
            guard answer.refusal == .beingRecovered, time.now() < end else { return answer }
            try await wait()
        }
    }

    private func recover(_ name: String, _ key: String, until end: BootInstant) async throws(BackendError) {
        let answer = try await vault.ask(.post, "/deletedsecrets/\(name)/recover")
        if !answer.isSuccess {
            switch answer.refusal {
            // Missing: somebody was faster, or its time has come. A pause, so that a vault of two minds is not pressed.
            case .missing, .beingDeleted, .beingRecovered: return try await wait()
            case .noPermission:
                throw .forbidden(
                    detail:
                        "writing \(key): \(name) is deleted in the vault, and the agent may not recover it (permission Recover)"
                )
            default: throw answer.error(doing: "recovering \(name) in the vault", isWrite: true)
            }
        }
        while time.now() < end {
            let look = try await vault.ask(.get, "/secrets/\(name)")
            guard [.missing, .beingDeleted, .beingRecovered].contains(look.refusal) else { return }
            try await wait()
        }
    }

    private func wait() async throws(BackendError) {
        do { try await time.sleep(Self.pause) } catch { throw .unavailable(detail: "the caller gave up") }
    }
}
