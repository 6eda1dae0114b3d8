internal import Cryptography
internal import SecretMemory
internal import Secrets

/// Reads the JSON that credentials are handed out as. Errors name members, and never what stands in them.
struct CredentialFile: ~Copyable {
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// What may stand in a place. Other kinds than keys name addresses and files, so they are for files only that an
    /// operator put there.
    enum Allowed { case keys, all }

    private static let defaultTokenAddress = "https://oauth2.googleapis.com/token"
    /// Most headers of a request for the token of another side, and most accounts on the way to another.
    private static let maximumElements = 16

    private let document: JSONDocument
    private let origin: String
    private let hosts: TrustedHosts

    /// - Parameters:
    ///   - origin: where it stands, for messages.
    ///   - hosts: where credentials may be sent.
    static func read(
        _ text: SharedSecret,
        from origin: String,
        allowing allowed: Allowed,
        hosts: TrustedHosts
    ) throws(Refusal) -> GoogleCredential {
        let document: JSONDocument
        do {
            document = try JSONDocument(try text.value.copy(account: .general))
        } catch {
            throw Refusal(description: "\(origin) is not the JSON of a credential")
        }
        return try CredentialFile(document: document, origin: origin, hosts: hosts).credential(allowed)
    }

    private init(document: consuming JSONDocument, origin: String, hosts: TrustedHosts) {
        self.document = document
        self.origin = origin
        self.hosts = hosts
    }

    private borrowing func credential(_ allowed: Allowed) throws(Refusal) -> GoogleCredential {
        let type = document.string(document.node("type")) ?? ""
        guard allowed == .all || type == "service_account" else {
            throw Refusal(
                description: """
                    \(origin) is not the key of a service account (its type is not service_account); put other \
                    credentials into a file that GOOGLE_APPLICATION_CREDENTIALS names
                    """
            )
        }
        let universe = document.string(document.node("universe_domain")) ?? TrustedHosts.defaultUniverse
        guard universe == hosts.universe else {
            throw Refusal(
                description: "\(origin) is for another universe than universe-domain (\(hosts.universe)) says"
            )
        }
        let (kind, title) = try kind(type, in: document.root)
        var credential = GoogleCredential(kind: kind, title: "\(title) (\(origin))")
        credential.project = document.string(document.node("project_id"))
        credential.quotaProject = document.string(document.node("quota_project_id"))
        return credential
    }

    private borrowing func kind(
        _ type: String,
        in node: JSONDocument.Node
    ) throws(Refusal) -> (GoogleCredential.Kind, title: String) {
        switch type {
        case "service_account":
            let key = try serviceAccountKey(node)
            return (.serviceAccount(key), "the key of \(key.email)")
        case "authorized_user":
            return (.authorizedUser(try authorizedUser(node)), "a login of gcloud")
        case "external_account":
            let account = try externalAccount(node)
            guard let impersonation = try impersonation(node) else {
                return (.externalAccount(account), "a federated identity")
            }
            return (.impersonated(.externalAccount(account), impersonation), "a federated identity")
        case "impersonated_service_account":
            guard let source = document.node("source_credentials", in: node),
                let impersonation = try impersonation(node)
            else { throw missing("source_credentials and service_account_impersonation_url") }
            let sourceType = document.string(document.node("type", in: source)) ?? ""
            guard sourceType == "service_account" || sourceType == "authorized_user" else {
                throw Refusal(description: "\(origin): source_credentials of another type than a key or a login")
            }
            let (kind, title) = try kind(sourceType, in: source)
            return (.impersonated(kind, impersonation), title)
        default:
            throw Refusal(
                description: """
                    \(origin) has a type of credential that is not known here; use service_account, external_account, \
                    authorized_user or impersonated_service_account
                    """
            )
        }
    }

    private borrowing func serviceAccountKey(_ node: JSONDocument.Node) throws(Refusal) -> ServiceAccountKey {
        let email = try text("client_email", in: node)
        let address = try address("token_uri", in: node, default: Self.defaultTokenAddress)
        let pem = try secret("private_key", in: node)
        let signer: RSASigner
        do throws(RSASigner.Refusal) {
            signer = try pem.withBytes { (pem) throws(RSASigner.Refusal) in try RSASigner(pem: pem) }
        } catch {
            throw Refusal(description: "\(origin): private_key \(error)")
        }
        return ServiceAccountKey(
            email: email,
            keyIdentifier: document.string(document.node("private_key_id", in: node)),
            tokenAddress: address,
            signer: signer
        )
    }

    private borrowing func authorizedUser(_ node: JSONDocument.Node) throws(Refusal) -> AuthorizedUser {
        AuthorizedUser(
            clientIdentifier: try text("client_id", in: node),
            clientSecret: try secret("client_secret", in: node),
            refreshToken: try secret("refresh_token", in: node),
            tokenAddress: try address("token_uri", in: node, default: Self.defaultTokenAddress)
        )
    }

    private borrowing func externalAccount(_ node: JSONDocument.Node) throws(Refusal) -> ExternalAccount {
        guard let described = document.node("credential_source", in: node) else { throw missing("credential_source") }
        var client: (identifier: String, secret: SharedSecret)?
        if let identifier = document.string(document.node("client_id", in: node)) {
            client = (identifier, try secret("client_secret", in: node))
        }
        let isJSON = document.string(document.node("format", "type", in: described)) == "json"
        return ExternalAccount(
            source: try source(described),
            field: isJSON ? try text("subject_token_field_name", in: document.node("format", in: described)) : nil,
            audience: try text("audience", in: node),
            subjectTokenType: try text("subject_token_type", in: node),
            tokenAddress: try address("token_url", in: node, default: nil),
            client: client,
            userProject: document.string(document.node("workforce_pool_user_project", in: node))
        )
    }

    private borrowing func source(_ node: JSONDocument.Node) throws(Refusal) -> ExternalAccount.Source {
        if let path = document.string(document.node("file", in: node)) { return .file(path: path) }
        // What names a region or an environment signs requests of another cloud; those members have "url", too.
        guard document.node("environment_id", in: node) == nil,
            let url = document.string(document.node("url", in: node))
        else {
            throw Refusal(
                description: "\(origin): credential_source must have file or url; other sources are not supported"
            )
        }
        var headers: [(name: String, value: SharedSecret)] = []
        for header in document.node("headers", in: node).map({ document.members(of: $0) }) ?? [] {
            guard headers.count < Self.maximumElements else {
                throw Refusal(description: "\(origin): too many headers")
            }
            headers.append((header.name, try secret(header.value)))
        }
        return .url(url, headers: headers)
    }

    private borrowing func impersonation(_ node: JSONDocument.Node) throws(Refusal) -> Impersonation? {
        let name = "service_account_impersonation_url"
        guard document.node(name, in: node) != nil else { return nil }
        let delegates = document.node("delegates", in: node).map { document.elements(of: $0) } ?? []
        guard delegates.count <= Self.maximumElements else {
            throw Refusal(description: "\(origin): too many delegates")
        }
        let lifetime = document.integer(
            document.node("service_account_impersonation", "token_lifetime_seconds", in: node)
        )
        return Impersonation(
            address: try address(name, in: node, default: nil),
            delegates: delegates.compactMap { document.string($0) },
            lifetimeSeconds: min(max(lifetime ?? Impersonation.defaultLifetimeSeconds, 600), 43_200)
        )
    }

    // MARK: Members

    private borrowing func text(_ name: String, in node: JSONDocument.Node?) throws(Refusal) -> String {
        guard let node, let text = document.string(document.node(name, in: node)), !text.isEmpty else {
            throw missing(name)
        }
        return text
    }

    private borrowing func address(
        _ name: String,
        in node: JSONDocument.Node,
        default value: String?
    ) throws(Refusal) -> String {
        guard let address = document.string(document.node(name, in: node)) ?? value else { throw missing(name) }
        if let fault = hosts.fault(of: address) { throw Refusal(description: "\(origin): \(name) \(fault)") }
        return address
    }

    private borrowing func secret(_ name: String, in node: JSONDocument.Node) throws(Refusal) -> SharedSecret {
        guard let found = document.node(name, in: node), document.kind(found) == .string else { throw missing(name) }
        return try secret(found)
    }

    private borrowing func secret(_ node: JSONDocument.Node) throws(Refusal) -> SharedSecret {
        do throws(MemoryError) { return SharedSecret(try document.secret(node, account: .general)) } catch {
            throw Refusal(description: "\(origin): there is no locked memory for it")
        }
    }

    private func missing(_ name: String) -> Refusal { Refusal(description: "\(origin) lacks \(name)") }
}
