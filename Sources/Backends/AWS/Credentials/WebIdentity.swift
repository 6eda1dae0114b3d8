internal import Configuration
internal import SecretMemory
internal import Secrets

/// A token in a file that whoever runs the agent keeps fresh, as clusters on EKS do for service accounts.
struct WebIdentity: Sendable {
    let file: String
    let role: SecurityTokenService.Role

    /// The file is read anew each time, because it is replaced before its token ends.
    func grant(from service: SecurityTokenService) async throws(BackendError) -> AWSGrant {
        let token: SharedSecret
        do throws(FileError) {
            token = try SecretFile.readSecret(file, limit: SecurityTokenService.maximumTokenBytes)
        } catch {
            throw .denied(detail: "the web identity's file \(file) \(error.message)")
        }
        return try await service.exchange(token, for: role)
    }
}

/// A web identity that the process's variables name.
struct VariableWebIdentity: AWSCredentialSource {
    let variables: AWSVariables
    let service: SecurityTokenService

    func grant() async throws(BackendError) -> AWSGrant? {
        let file = try variables.string("AWS_WEB_IDENTITY_TOKEN_FILE")
        let role = try variables.string("AWS_ROLE_ARN")
        // A role alone is no web identity: other tools read the variable too.
        guard let file else { return nil }
        guard let role else { throw .denied(detail: "AWS_ROLE_ARN is missing beside AWS_WEB_IDENTITY_TOKEN_FILE") }
        let session = try variables.string("AWS_ROLE_SESSION_NAME")
        return try await WebIdentity(file: file, role: .init(arn: role, session: session)).grant(from: service)
    }
}
