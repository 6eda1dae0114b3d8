internal import HTTP
internal import SecretMemory
internal import Secrets

/// Turns a credential into a token.
struct GoogleTokens: Sendable {
    typealias Lease = TokenSource<SharedSecret>.Lease

    /// Most bytes of what a client proves itself with.
    private static let maximumClientBytes = 8 << 10

    let web: WebService
    let metadata: MetadataServer
    let time: TimeSource
    let options: GoogleOptions

    func fetch(_ credential: GoogleCredential) async throws(BackendError) -> Lease {
        // Other clouds than Google's own exchange no statements of keys.
        let isOwn = options.hosts.universe == TrustedHosts.defaultUniverse
        if case .serviceAccount(let key) = credential.kind, options.signsOwnTokens || !isOwn {
            let service = "https://secretmanager.\(options.hosts.universe)/"
            let token = try key.token(for: service, at: time.wall() / 1000)
            return Lease(token: token, lifetime: .seconds(ServiceAccountKey.lifetimeSeconds))
        }
        return try await fetch(credential.kind, credential.title)
    }

    private func fetch(_ kind: GoogleCredential.Kind, _ title: String) async throws(BackendError) -> Lease {
        switch kind {
        case .serviceAccount(let key):
            let statement = try key.statement(at: time.wall() / 1000)
            let body = try form { (form) throws(MemoryError) in
                try form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
                try form.add("assertion", statement)
            }
            return try await exchange(body, at: key.tokenAddress, for: title)
        case .authorizedUser(let user):
            let body = try form { (form) throws(MemoryError) in
                try form.add("grant_type", "refresh_token")
                try form.add("client_id", user.clientIdentifier)
                try form.add("client_secret", user.clientSecret)
                try form.add("refresh_token", user.refreshToken)
            }
            return try await exchange(body, at: user.tokenAddress, for: title)
        case .externalAccount(let account): return try await exchange(account, title)
        case .impersonated(let source, let impersonation):
            let token = try await fetch(source, title).token
            return try await impersonate(impersonation, with: token, title)
        case .metadata: return try await metadata.token()
        }
    }

    // MARK: Exchanges

    private func exchange(
        _ body: SharedSecret,
        at address: String,
        client: SharedSecret? = nil,
        for title: String
    ) async throws(BackendError) -> Lease {
        var request = HTTPRequest(.post, address)
        request.headers = [("Accept", "application/json"), ("Content-Type", FormBody.contentType)]
        if let client { request.secretHeaders = [SecretHeader("Authorization", prefix: "Basic ", client)] }
        request.body = body
        let response = try await web.send(request)
        let host = Self.host(of: address)
        guard response.status == 200 else { throw TokenRefusal.error(response, from: host, for: title, time: time) }
        return try TokenAnswer.read(response, from: host)
    }

    private func exchange(_ account: ExternalAccount, _ title: String) async throws(BackendError) -> Lease {
        let subject = try await SubjectTokens(web: web, time: time).token(of: account, title)
        let body = try form { (form) throws(MemoryError) in
            try form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
            try form.add("audience", account.audience)
            try form.add("scope", GoogleCredential.scope)
            try form.add("requested_token_type", "urn:ietf:params:oauth:token-type:access_token")
            try form.add("subject_token", subject)
            try form.add("subject_token_type", account.subjectTokenType)
            if let project = account.userProject, account.client == nil {
                var options = JSONWriter()
                try options.beginObject()
                try options.key("userProject")
                try options.string(project)
                try options.endObject()
                try form.add("options", SharedSecret(try options.finish()))
            }
        }
        let client = try account.client.map { (client) throws(BackendError) in try Self.basic(client) }
        return try await exchange(body, at: account.tokenAddress, client: client, for: title)
    }

    private func impersonate(
        _ impersonation: Impersonation,
        with token: SharedSecret,
        _ title: String
    ) async throws(BackendError) -> Lease {
        var request = HTTPRequest(.post, impersonation.address)
        request.headers = [("Accept", "application/json")]
        request.secretHeaders = [SecretHeader("Authorization", prefix: "Bearer ", token)]
        request.setBody(
            try BackendError.mappingMemory { () throws(MemoryError) in try Self.body(of: impersonation) }
        )
        let response = try await web.send(request)
        let host = Self.host(of: impersonation.address)
        guard response.status == 200 else {
            let refusal = GoogleRefusal(response, time: time)
            let action = "asking \(host) for a token of a service account"
            guard (400..<500).contains(refusal.status), refusal.status != 408, refusal.status != 429 else {
                throw WebService.failure(refusal.status, retryAfter: refusal.retryAfter, doing: action)
            }
            throw .denied(
                detail: """
                    \(host) does not let \(title) act as the service account (\(refusal.words)); it needs \
                    roles/iam.workloadIdentityUser or roles/iam.serviceAccountTokenCreator on it
                    """
            )
        }
        let document = try WebService.json(response.takeBody(), doing: "asking \(host) for a token")
        guard let end = document.string(document.node("expireTime")).flatMap({ ISODate.milliseconds($0) })
        else {
            throw .malformed(detail: "\(host) gave a token without its end")
        }
        return Lease(
            token: try TokenAnswer.token(document, "accessToken", from: host),
            lifetime: TokenAnswer.lifetime(seconds: (end - time.wall()) / 1000)
        )
    }

    private static func body(of impersonation: Impersonation) throws(MemoryError) -> SharedSecret {
        var json = JSONWriter()
        try json.beginObject()
        try json.key("delegates")
        try json.beginArray()
        for delegate in impersonation.delegates { try json.string(delegate) }
        try json.endArray()
        try json.key("scope")
        try json.beginArray()
        try json.string(GoogleCredential.scope)
        try json.endArray()
        try json.key("lifetime")
        try json.string("\(impersonation.lifetimeSeconds)s")
        try json.endObject()
        return SharedSecret(try json.finish())
    }

    // MARK: Pieces

    private func form(
        _ fill: (inout FormBody) throws(MemoryError) -> Void
    ) throws(BackendError) -> SharedSecret {
        try BackendError.mappingMemory { () throws(MemoryError) in
            var form = FormBody()
            try fill(&form)
            return try form.finish()
        }
    }

    private static func basic(_ client: (identifier: String, secret: SharedSecret)) throws(BackendError) -> SharedSecret
    {
        try BackendError.mappingMemory { () throws(MemoryError) in
            var pair = SecretBuffer(limit: maximumClientBytes, account: .general)
            try pair.append(client.identifier.utf8Span.span)
            try pair.append([UInt8(ascii: ":")].span)
            try client.secret.withBytes { (bytes) throws(MemoryError) in try pair.append(bytes) }
            let room = Base64.encodedCount(pair.count)
            return SharedSecret(
                try SecretBytes(capacity: room, account: .general) { Base64.encode(pair.bytes, into: &$0) }
            )
        }
    }

    private static func host(of address: String) -> String { (try? HTTPAddress(address))?.host ?? address }
}
