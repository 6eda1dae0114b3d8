internal import Configuration
internal import SecretMemory
internal import Secrets

/// An application that trusts the tokens of a Kubernetes cluster.
struct WorkloadIdentityCredential: AzureCredential {
    /// Most bytes of the cluster's token.
    private static let maximumFileBytes = 64 << 10

    let title = "workload-identity"
    let authority: Authority
    let client: String
    /// Where the kubelet puts the cluster's token. It is read for each exchange, because it is replaced about every hour.
    let file: String

    func token(for demand: TokenDemand) async throws(CredentialFailure) -> AzureToken {
        do throws(BackendError) {
            return try await authority.token(client: client, .assertion(try assertion()), for: demand)
        } catch {
            throw .failed(error)
        }
    }

    private func assertion() throws(BackendError) -> SharedSecret {
        let content: SharedSecret
        do throws(FileError) {
            content = try SecretFile.readSecret(file, limit: Self.maximumFileBytes)
        } catch {
            throw .denied(detail: "the federated token file \(file) cannot be read: \(error.message)")
        }
        do throws(MemoryError) {
            let trimmed = try content.withBytes { (bytes) throws(MemoryError) in
                var range = bytes.indices
                while let last = range.last, bytes[last] <= 0x20 { range.removeLast() }
                while let first = range.first, bytes[first] <= 0x20 { range.removeFirst() }
                return SharedSecret(try SecretBytes(copying: bytes.extracting(range), account: .general))
            }
            if trimmed.value.count > 0 { return trimmed }
        } catch {
            throw .memory(error)
        }
        throw .denied(detail: "the federated token file \(file) is empty")
    }
}
