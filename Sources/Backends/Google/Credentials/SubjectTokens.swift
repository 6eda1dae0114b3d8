internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// The tokens with which another side vouches for an identity.
struct SubjectTokens: Sendable {
    private static let maximumBytes = 64 << 10

    let web: WebService
    let time: TimeSource

    func token(of account: ExternalAccount, _ title: String) async throws(BackendError) -> SharedSecret {
        let text: SharedSecret
        switch account.source {
        case .file(let path):
            do throws(FileError) { text = try SecretFile.readSecret(path, limit: Self.maximumBytes) } catch {
                throw .denied(detail: "the token of \(title) is to stand in \(path), which \(error.message)")
            }
        case .url(let url, let headers): text = try await token(at: url, headers)
        }
        guard let field = account.field else { return text }
        let copy = try BackendError.mappingMemory { () throws(MemoryError) in
            try text.value.copy(account: .general)
        }
        let document = try WebService.json(copy, doing: "asking for the token of \(title)")
        return try TokenAnswer.token(document, field, from: title)
    }

    /// Whether a host is an address of the machine's own link, 169.254.0.0/16, and no name that looks like one.
    static func isLinkLocal(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "169" && parts[1] == "254" && parts.allSatisfy { UInt8($0) != nil }
    }

    private func token(
        at url: String,
        _ headers: [(name: String, value: SharedSecret)]
    ) async throws(BackendError) -> SharedSecret {
        var request = HTTPRequest(.get, url)
        request.secretHeaders = headers.map { SecretHeader($0.name, $0.value) }
        let address = try? HTTPAddress(url)
        // The metadata services of other clouds; everything else is asked like any server.
        request.isToMetadataService = address.map { Self.isLinkLocal($0.host) } ?? false
        let response = try await web.send(request)
        let status = response.status
        guard status == 200 else {
            throw WebService.failure(
                status,
                retryAfter: WebService.retryAfter(response, time: time),
                doing:
                    "asking \(address?.origin ?? "the source of the credential") for the token of a federated identity"
            )
        }
        return SharedSecret(response.takeBody())
    }
}
