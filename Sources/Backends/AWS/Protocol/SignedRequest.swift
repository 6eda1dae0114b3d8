internal import HTTP
internal import SecretMemory
internal import Secrets

extension HTTPRequest {
    /// A request to a service of AWS, signed for this moment.
    ///
    /// - Parameters:
    ///   - headers: what is sent, and signed, beside the host, the time and the session.
    ///   - milliseconds: the time since 1970 as AWS has it.
    static func signed(
        _ service: String,
        of region: String,
        at endpoint: AWSEndpoint,
        headers: [(name: String, value: String)],
        body: SharedSecret,
        with credentials: AWSCredentials,
        milliseconds: Int64
    ) throws(BackendError) -> HTTPRequest {
        let timestamp = AWSTime.basic(milliseconds)
        var request = HTTPRequest(.post, endpoint.url)
        request.headers = headers + [("X-Amz-Date", timestamp)]
        request.body = body
        var signable = SignableRequest(
            method: request.method.rawValue,
            path: endpoint.path,
            headers: [("host", .plain(endpoint.host))],
            body: body
        )
        signable.headers += request.headers.map { ($0.name.lowercased(), .plain($0.value)) }
        if let token = credentials.sessionToken {
            request.secretHeaders.append(SecretHeader("X-Amz-Security-Token", token))
            signable.headers.append(("x-amz-security-token", .secret(token)))
        }
        let signature = SignatureV4(service: service, region: region)
        let authorization = try signature.authorization(of: signable, with: credentials, at: timestamp)
        request.secretHeaders.append(SecretHeader("Authorization", authorization))
        return request
    }
}
