internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// Keys from the service that runs the container: of a task on ECS, or of a pod identity on EKS.
struct ContainerKeys: AWSCredentialSource {
    static let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    static let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    /// Where a relative address leads, and who else may be asked without TLS: anybody else could be after the token.
    static let host = "169.254.170.2"
    static let plainHosts: Set<String> = [host, "169.254.170.23", "fd00:ec2::23"]

    let web: WebService
    let variables: AWSVariables

    func grant() async throws(BackendError) -> AWSGrant? {
        guard let address = try address() else { return nil }
        let origin = "the container's service"
        var request = HTTPRequest(.get, address)
        request.headers = [("Accept", "application/json")]
        if let token = try token() { request.secretHeaders = [SecretHeader("Authorization", token)] }
        request.isToMetadataService = true
        request.timeout = .seconds(2)
        let response = try await web.send(request)
        guard response.status == 200 else {
            let isOurs = (400..<500).contains(response.status) && response.status != 429
            if isOurs { throw .denied(detail: "\(origin) gave no keys (status \(response.status))") }
            throw WebService.failure(response.status, doing: "asking \(origin) for keys")
        }
        let document = try WebService.json(response.takeBody(), doing: "asking \(origin) for keys")
        return try AWSGrant(document, origin: origin)
    }

    /// - Returns: nil where there is no such service.
    func address() throws(BackendError) -> String? {
        if let path = try variables.string(Self.relative) {
            guard path.hasPrefix("/") else { throw .denied(detail: "\(Self.relative) does not begin with a slash") }
            return "http://\(Self.host)\(path)"
        }
        guard let address = try variables.address(Self.full, plainHosts: Self.plainHosts) else { return nil }
        return address.origin + address.path + (address.query.map { "?\($0)" } ?? "")
    }

    /// The file is read anew each time, because it is replaced before its token ends.
    private func token() throws(BackendError) -> SharedSecret? {
        guard let file = try variables.string("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
            return try variables.secret("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        }
        do throws(FileError) { return try SecretFile.readSecret(file) } catch {
            throw .denied(detail: "the container's token file \(file) \(error.message)")
        }
    }
}
