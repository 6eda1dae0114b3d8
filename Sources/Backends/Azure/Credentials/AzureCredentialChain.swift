internal import Secrets
internal import Synchronization

/// Sources of tokens in order. One that is not here is passed over; the first that gives a token is asked alone from then on.
final class AzureCredentialChain: Sendable {
    private let sources: [any AzureCredential]
    private let chosen = Mutex<Int?>(nil)

    init(_ sources: [any AzureCredential]) { self.sources = sources }

    /// The source that gave a token; nil until one did.
    var chosenTitle: String? { chosen.withLock { $0 }.map { sources[$0].title } }

    func token(for demand: TokenDemand) async throws(BackendError) -> AzureToken {
        var reasons: [String] = []
        let first = chosen.withLock { $0 }
        for index in first.map({ $0...$0 }) ?? 0...max(0, sources.count - 1) where sources.indices.contains(index) {
            do throws(CredentialFailure) {
                let token = try await sources[index].token(for: demand)
                chosen.withLock { $0 = index }
                return token
            } catch {
                switch error {
                case .failed(let error): throw error
                case .absent(let reason): reasons.append("\(sources[index].title): \(reason)")
                }
            }
        }
        throw .denied(detail: "no credential for Azure was found (\(reasons.joined(separator: "; ")))")
    }
}
