/// How an agent is configured for a fake, for suites that look at the agent and not at the manager.
extension FakeServer {
    /// The manager's name in a configuration.
    package var type: String {
        switch kind {
        case .vault: "vault"
        case .azure: "azure-key-vault"
        case .google: "google-secret-manager"
        case .aws: "aws-secret-manager"
        case .doppler: "doppler"
        case .onepassword: "1password"
        case .delinea: "delinea"
        case .beyondtrust: "beyondtrust"
        case .cyberark, .conjur, .ccp: "cyberark"
        case .elasticsearch: "elasticsearch"
        }
    }

    /// `kestra.secret` in one line: the manager with a credential that may do everything.
    ///
    /// - Parameters:
    ///   - keys: more keys of the manager's section, such as `tags: {a: b}`.
    ///   - more: more keys of `secret`, such as `cache: {enabled: false}`.
    package func secret(keys: [String] = [], _ more: String...) -> String {
        let section = (reaching + ["tls: {ca: '\(authority)'}"] + keys).joined(separator: ", ")
        return "{" + (["type: \(type)", "\(type): {\(section)}"] + more).joined(separator: ", ") + "}"
    }

    /// The address and the credential.
    private var reaching: [String] {
        func detail(_ name: String) -> String { details[name] ?? "" }
        switch kind {
        case .vault: return ["address: '\(address)'", "token: {token: '\(detail("root-token"))'}"]
        case .azure:
            let login = ["tenant-id", "client-id", "client-secret"].map { "\($0): '\(detail($0))'" }
            return [
                "key-vault-uri: '\(detail("vault-address"))'", "authority-host: '\(detail("authority-host"))'",
                "client-secret: {\(login.joined(separator: ", "))}",
            ]
        case .google:
            return [
                "endpoint-override: '\(address)'", "token-hosts: [localhost]", "project: '\(detail("project"))'",
                "service-account-file: '\(detail("service-account-file"))'",
            ]
        case .aws:
            return [
                "endpoint-override: '\(address)'", "region: '\(detail("region"))'",
                "access-key-id: '\(detail("access-key-id"))'", "secret-key-id: '\(detail("secret-access-key"))'",
            ]
        case .doppler:
            return [
                "address: '\(address)'", "token: '\(detail("token"))'", "project: '\(detail("project"))'",
                "config: '\(detail("config"))'",
            ]
        case .onepassword:
            return [
                "address: '\(address)'", "token: '\(detail("token"))'", "vault-id: '\(detail("vault-id"))'",
            ]
        case .delinea:
            let keys = ["username", "password", "folder-id", "secret-template-id"].map { "\($0): '\(detail($0))'" }
            return ["address: '\(detail("base-address"))'"] + keys
        case .beyondtrust:
            return ["address: '\(address)'"] + ["api-key", "run-as", "folder-id"].map { "\($0): '\(detail($0))'" }
        case .cyberark:
            let keys = ["username", "password", "safe", "platform-id"].map { "\($0): '\(detail($0))'" }
            return ["address: '\(address)'"] + keys
        case .conjur:
            let keys = ["account", "username", "api-key", "policy-path"].map { "\($0): '\(detail($0))'" }
            return ["address: '\(address)'", "manage-policy: true"] + keys
        case .ccp: return ["address: '\(address)'"] + ["app-id", "safe"].map { "\($0): '\(detail($0))'" }
        case .elasticsearch:
            return [
                "http-hosts: '\(address)'", "api-key: '\(detail("api-key"))'",
                "secret: made-up-for-tests-0123456789-abcdefghij",
            ]
        }
    }

    /// Whether a request reads or writes secrets, and not a credential.
    package func isAboutSecrets(_ request: RecordedRequest) -> Bool {
        switch kind {
        case .vault: request.path.hasPrefix("/v1/secret/")
        case .azure: request.path.hasPrefix("/secrets") && request.status != 401
        case .google: request.path.contains("/secrets")
        case .aws: request.headers["x-amz-target"]?.hasPrefix("secretsmanager.") == true
        case .doppler: request.path.contains("/secret")
        case .onepassword: request.path.contains("/items")
        // Each call begins with a search; the field that is read then belongs to the same call.
        case .delinea: request.path.contains("/api/v1/secrets?")
        case .beyondtrust: request.path.contains("/secrets-safe/secrets")
        case .cyberark: request.path.contains("/Accounts?")
        case .conjur: request.path.hasPrefix("/secrets")
        case .ccp: request.path.contains("/Accounts?")
        case .elasticsearch: request.path.contains("/_doc/") || request.path.hasSuffix("/_mget")
        }
    }

    /// Whether nobody can write to the manager by its interface, so that only a command stores something in it.
    package var isReadOnly: Bool { kind == .ccp }

    /// Stores a value of tenant main in a manager that ``isReadOnly``.
    package func store(_ key: String, _ value: String, in namespace: String) throws {
        try command("put", ["name": "main@\(namespace)@\(key)", "content": value])
    }
}
