internal import HTTP
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Logs in, and renews what a log-in gave.
final class VaultTokenFetcher: Sendable {
    private let login: VaultLogin
    private let server: VaultServer
    private let notices: BackendNotices
    /// The secret id that came out of its wrapping, which opens once only.
    private let unwrapped = Mutex<SharedSecret?>(nil)

    init(login: VaultLogin, server: VaultServer, notices: @escaping BackendNotices) {
        self.login = login
        self.server = server
        self.notices = notices
    }

    func fetch(_ previous: VaultToken?) async throws(BackendError) -> TokenSource<VaultToken>.Lease {
        if let previous, previous.isRenewable, let lease = try await renewed(previous) { return lease }
        if case .token(let secret) = login { return try await described(secret) }
        return try await loggedIn()
    }

    // MARK: Renewing

    /// - Returns: nil where it is better to log in anew.
    private func renewed(_ token: VaultToken) async throws(BackendError) -> TokenSource<VaultToken>.Lease? {
        let answer = try await server.send(
            .post,
            "auth/token/renew-self",
            token: token.secret,
            body: try Self.emptyObject()
        )
        guard answer.status == 200, let auth = answer.json.node("auth") else {
            if answer.status == 400 || answer.status == 403 { return nil }
            throw answer.refusal.loginFailure(login, retryAfter: answer.retryAfter)
        }
        let granted = Duration.seconds(answer.json.integer(answer.json.node("lease_duration", in: auth)) ?? 0)
        guard granted > .zero else { return TokenSource.Lease(token: token, lifetime: nil) }
        if token.isOwn, VaultTokens.isNearEnd(granted, first: token.firstLifetime) { return nil }
        return TokenSource.Lease(token: token, lifetime: granted)
    }

    // MARK: A token of the configuration

    private func described(_ secret: SharedSecret) async throws(BackendError) -> TokenSource<VaultToken>.Lease {
        let answer = try await server.send(.get, "auth/token/lookup-self", token: secret)
        guard answer.status == 200, let data = answer.json.node("data") else {
            throw answer.refusal.loginFailure(login, retryAfter: answer.retryAfter)
        }
        let left = Duration.seconds(answer.json.integer(answer.json.node("ttl", in: data)) ?? 0)
        // Root tokens have no end, and say so with a time-to-live of 0.
        let lifetime = left > .zero ? left : nil
        let isRenewable = answer.json.boolean(answer.json.node("renewable", in: data)) ?? false
        if lifetime != nil, !isRenewable {
            notices(
                "vault: the token cannot be renewed and ends in \(left.components.seconds / 60) minutes; prepare another"
            )
        }
        let token = VaultToken(
            secret,
            firstLifetime: lifetime,
            isRenewable: isRenewable,
            isCounted: (answer.json.integer(answer.json.node("num_uses", in: data)) ?? 0) > 0,
            isOwn: false
        )
        return TokenSource.Lease(token: token, lifetime: lifetime)
    }

    // MARK: Logging in

    private func loggedIn() async throws(BackendError) -> TokenSource<VaultToken>.Lease {
        guard let (path, body) = try login.request(secretID: try await secretID()) else {
            preconditionFailure("a token needs no log-in")
        }
        let answer = try await server.send(.post, path, token: nil, body: body)
        guard answer.status == 200, let auth = answer.json.node("auth") else {
            throw answer.refusal.loginFailure(login, retryAfter: answer.retryAfter)
        }
        if let demand = answer.json.node("mfa_requirement", in: auth), answer.json.kind(demand) != .null {
            throw .denied(
                detail: "Vault wants a second factor for the log-in with \(login.name), which an agent does not have"
            )
        }
        guard let written = answer.json.node("client_token", in: auth), answer.json.kind(written) == .string else {
            throw .malformed(detail: "Vault answered the log-in without a token")
        }
        let granted = Duration.seconds(answer.json.integer(answer.json.node("lease_duration", in: auth)) ?? 0)
        let lifetime = granted > .zero ? granted : nil
        do throws(MemoryError) {
            let token = VaultToken(
                SharedSecret(try answer.json.secret(written, account: .general)),
                firstLifetime: lifetime,
                isRenewable: answer.json.boolean(answer.json.node("renewable", in: auth)) ?? false,
                isCounted: (answer.json.integer(answer.json.node("num_uses", in: auth)) ?? 0) > 0,
                isOwn: true
            )
            return TokenSource.Lease(token: token, lifetime: lifetime)
        } catch {
            throw .memory(error)
        }
    }

    private func secretID() async throws(BackendError) -> SharedSecret? {
        guard case .appRole(let role) = login else { return nil }
        guard role.isWrapped, let wrapping = role.secretID else { return role.secretID }
        if let secret = unwrapped.withLock({ $0 }) { return secret }
        let secret = try await unwrap(wrapping, of: role)
        unwrapped.withLock { $0 = secret }
        return secret
    }

    /// Looks where the wrapping comes from before it is opened: one from elsewhere was put in the place of the right one.
    private func unwrap(_ wrapping: SharedSecret, of role: VaultLogin.AppRole) async throws(BackendError)
        -> SharedSecret
    {
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("token")
            try wrapping.withBytes { (bytes) throws(MemoryError) in try writer.string(bytes) }
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
        let look = try await server.send(.post, "sys/wrapping/lookup", token: nil, body: body)
        guard look.status == 200 else { throw used(look.refusal, look.retryAfter) }
        let origin = look.json.string(look.json.node("data", "creation_path")) ?? ""
        guard origin.hasPrefix("auth/\(role.path)/role/"), origin.hasSuffix("/secret-id") else {
            throw .denied(
                detail: """
                    the wrapped secret-id was not made by the AppRole at \(role.path); somebody may have put another \
                    in its place
                    """
            )
        }
        let answer = try await server.send(.post, "sys/wrapping/unwrap", token: wrapping)
        guard answer.status == 200, let written = answer.json.node("data", "secret_id"),
            answer.json.kind(written) == .string
        else { throw used(answer.refusal, answer.retryAfter) }
        do throws(MemoryError) { return SharedSecret(try answer.json.secret(written, account: .general)) } catch {
            throw .memory(error)
        }
    }

    private func used(_ refusal: VaultRefusal, _ retryAfter: Duration?) -> BackendError {
        guard refusal.status == 400 else { return refusal.loginFailure(login, retryAfter: retryAfter) }
        let detail = """
            the wrapped secret-id does not open any more: it has ended, or somebody else opened it first; if nobody \
            of yours did, revoke it, then issue another
            """
        notices("vault: \(detail)")
        return .denied(detail: detail)
    }

    private static func emptyObject() throws(BackendError) -> SharedSecret {
        do throws(MemoryError) {
            return SharedSecret(try SecretBytes(copying: "{}".utf8Span.span, account: .http))
        } catch {
            throw .memory(error)
        }
    }
}
