internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// The identity of the machine or of the container that the agent runs in.
struct ManagedIdentityCredential: AzureCredential {
    /// Where Azure Arc puts the files that prove who reads them, and their size.
    static let arcFolder = "/var/opt/azcmagent/tokens"
    private static let maximumKeyBytes = 4096

    let title = "managed-identity"
    let web: WebService
    let host: MetadataHost
    /// nil for the one that the machine has by itself.
    let identity: ManagedIdentity?
    /// Whether to look first if there is such a service at all, so that another source can be asked soon.
    let looksFirst: Bool
    let time: TimeSource
    var arcFolder = Self.arcFolder

    func token(for demand: TokenDemand) async throws(CredentialFailure) -> AzureToken {
        guard let request = host.request(resource: demand.resource, identity: identity) else {
            throw .failed(.unsupported(detail: "managed identities of Service Fabric are not supported"))
        }
        if looksFirst, let probe = host.probe() {
            do throws(BackendError) { _ = try await web.send(probe) } catch {
                throw .absent(reason: "no metadata service answers on this machine")
            }
        }
        do throws(BackendError) {
            let response = try await ask(request)
            switch response.status {
            case 200: return try TokenReply.token(response, at: time)
            case 400, 403: break
            // 404 and 410 stand for a service that is being started or replaced.
            case 404, 410: throw .unavailable(detail: "the metadata service is not ready (status \(response.status))")
            default:
                throw WebService.failure(
                    response.status,
                    retryAfter: WebService.retryAfter(response),
                    doing: "asking the metadata service for a token"
                )
            }
        } catch {
            throw .failed(error)
        }
        let which = identity.map { "the identity with the \($0.kind.rawValue) \($0.value)" } ?? "an identity of its own"
        throw .absent(reason: "this machine does not have \(which)")
    }

    private func ask(_ request: HTTPRequest) async throws(BackendError) -> HTTPResponse {
        let response = try await web.send(request)
        guard case .arc = host, response.status == 401 else { return response }
        var proven = request
        proven.secretHeaders = [SecretHeader("Authorization", prefix: "Basic ", try proof(response))]
        return try await web.send(proven)
    }

    /// What stands in the file that the service names. Only a file of its own folder is read: whoever answers in its place would
    /// otherwise be sent any file that the agent may read.
    private func proof(_ response: borrowing HTTPResponse) throws(BackendError) -> SharedSecret {
        let header = response.header("WWW-Authenticate") ?? ""
        let mark = "Basic realm="
        guard header.hasPrefix(mark) else {
            throw .malformed(detail: "the metadata service names no file that would prove who the agent is")
        }
        let path = header.dropFirst(mark.count).filter { $0 != "\"" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, parts.dropLast().joined(separator: "/") == arcFolder, name.hasSuffix(".key"),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else {
            throw .malformed(detail: "the metadata service names a file outside of \(arcFolder)")
        }
        do throws(FileError) {
            return try SecretFile.readSecret(String(path), limit: Self.maximumKeyBytes)
        } catch {
            throw .denied(detail: "the file \(path) of Azure Arc cannot be read: \(error.message)")
        }
    }
}
