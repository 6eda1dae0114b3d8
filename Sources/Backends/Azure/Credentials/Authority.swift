internal import HTTP
internal import SecretMemory
internal import Secrets

/// Who gives tokens to applications: the token endpoint of one tenant. Secrets go here and nowhere else, whatever a vault says.
struct Authority: Sendable {
    let web: WebService
    /// Such as `https://login.microsoftonline.com`.
    let origin: String
    let tenant: String
    let time: TimeSource

    /// What an application proves itself with.
    enum Proof: Sendable {
        case secret(SharedSecret)
        /// A token that somebody signed whom the authority trusts.
        case assertion(SharedSecret)
    }

    /// Asks for a token of an application's own.
    func token(
        client: String,
        _ proof: Proof,
        for demand: TokenDemand
    ) async throws(BackendError) -> AzureToken {
        if let asked = demand.tenant, Self.areDifferent(asked, tenant) {
            throw .denied(detail: "the vault belongs to the tenant \(asked), and the configured tenant is \(tenant)")
        }
        var request = HTTPRequest(.post, "\(origin)/\(PercentEncoding.encode(tenant))/oauth2/v2.0/token")
        request.headers = [("Content-Type", FormBody.contentType), ("Accept", "application/json")]
        do throws(MemoryError) { request.body = try body(client, proof, demand) } catch { throw .memory(error) }
        let response = try await web.send(request)
        guard response.status == 200 else { throw EntraRefusal.error(response, from: origin) }
        return try TokenReply.token(response, at: time)
    }

    private func body(_ client: String, _ proof: Proof, _ demand: TokenDemand) throws(MemoryError) -> SharedSecret {
        var form = FormBody()
        try form.add("grant_type", "client_credentials")
        try form.add("client_id", client)
        try form.add("scope", demand.scope)
        if let claims = demand.claims { try form.add("claims", claims) }
        switch proof {
        case .secret(let secret):
            try form.add("client_secret", secret)
        case .assertion(let assertion):
            try form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            try form.add("client_assertion", assertion)
        }
        return try form.finish()
    }

    /// Tenants also have names of domains, which say nothing about the number that a vault gives.
    private static func areDifferent(_ first: String, _ second: String) -> Bool {
        let both = [first.lowercased(), second.lowercased()]
        return both.allSatisfy(isNumber) && both[0] != both[1]
    }

    private static func isNumber(_ tenant: String) -> Bool {
        tenant.utf8.count == 36 && tenant.utf8.allSatisfy { $0 == UInt8(ascii: "-") || isHexDigit($0) }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
