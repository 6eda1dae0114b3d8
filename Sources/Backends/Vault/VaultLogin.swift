internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// How a scope proves to Vault who it is.
enum VaultLogin: Sendable {
    case token(SharedSecret)
    case password(user: String, password: SharedSecret, path: String)
    case appRole(AppRole)
    case kubernetes(role: String, path: String, tokenPath: String)

    struct AppRole: Sendable {
        /// Where the method is mounted.
        let path: String
        let roleID: String
        /// nil for roles that need none.
        let secretID: SharedSecret?
        /// Whether ``secretID`` is a token that wraps it, good for one use.
        let isWrapped: Bool
    }

    /// Where Kubernetes puts the token of a pod's service account.
    static let serviceAccountToken = "/var/run/secrets/kubernetes.io/serviceaccount/token"

    /// For messages.
    var name: String {
        switch self {
        case .token: "a token"
        case .password: "user and password"
        case .appRole: "AppRole"
        case .kubernetes: "Kubernetes"
        }
    }

    /// The path of the log-in below `/v1/` and its body. Nothing for a token, which is one already.
    ///
    /// - Parameter secretID: of AppRole, unwrapped.
    func request(secretID: SharedSecret?) throws(BackendError) -> (path: String, body: SharedSecret)? {
        switch self {
        case .token: return nil
        case .password(let user, let password, let path):
            let body = try Self.body([], ("password", password))
            return ("auth/\(VaultPath.encode(path))/login/\(PercentEncoding.encode(user))", body)
        case .appRole(let role):
            let body = try Self.body([("role_id", role.roleID)], secretID.map { ("secret_id", $0) })
            return ("auth/\(VaultPath.encode(role.path))/login", body)
        case .kubernetes(let role, let path, let tokenPath):
            // Read again each time: the file is replaced about once an hour.
            let token: SharedSecret
            do throws(FileError) { token = try SecretFile.readSecret(tokenPath) } catch {
                throw .denied(detail: "the service account's token \(tokenPath): \(error.message)")
            }
            return ("auth/\(VaultPath.encode(path))/login", try Self.body([("role", role)], ("jwt", token)))
        }
    }

    private static func body(
        _ fields: [(name: String, text: String)],
        _ secret: (name: String, value: SharedSecret)?
    ) throws(BackendError) -> SharedSecret {
        try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            for field in fields {
                try writer.key(field.name)
                try writer.string(field.text)
            }
            if let secret {
                try writer.key(secret.name)
                try secret.value.withBytes { (bytes) throws(MemoryError) in try writer.string(bytes) }
            }
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
    }
}
