internal import HTTP
internal import SecretMemory
internal import Secrets

/// Calls of AWS Secrets Manager: JSON in, JSON out, signed with whatever credentials are current.
final class AWSSecretsService: Sendable {
    /// Where it is reached.
    struct Site: Sendable {
        let region: String
        let endpoint: AWSEndpoint
    }

    private let web: WebService
    private let site: TokenSource<Site>
    private let credentials: TokenSource<AWSCredentials>
    private let clock: AWSClock
    private let time: TimeSource
    private let notices: BackendNotices

    init(
        _ web: WebService,
        site: TokenSource<Site>,
        credentials: TokenSource<AWSCredentials>,
        clock: AWSClock,
        time: TimeSource,
        notices: @escaping BackendNotices
    ) {
        self.web = web
        self.site = site
        self.credentials = credentials
        self.clock = clock
        self.time = time
        self.notices = notices
    }

    /// What is known now of where and as whom, for an operator.
    func description() async throws(BackendError) -> String {
        let site = try await site.current()
        return
            "\(site.endpoint.host) as region \(site.region), with keys from \(try await credentials.current().origin)"
    }

    /// Sends a call and reads its answer.
    ///
    /// - Parameters:
    ///   - operation: its name in AWS's reference, such as `GetSecretValue`.
    ///   - body: a JSON object.
    ///   - action: what is done, for messages.
    func call(
        _ operation: String,
        _ body: consuming SecretBytes,
        doing action: String
    ) async throws(AWSFault) -> JSONDocument {
        let body = SharedSecret(body)
        var hasCorrectedClock = false
        var hasRenewedCredentials = false
        let site = try await current(site)
        while true {
            let used = try await current(credentials)
            let response = try await send(operation, body, to: site, with: used)
            if (200..<300).contains(response.status) { return try Self.document(response, doing: action) }
            let refusal = AWSRefusal(response, time: time)
            if refusal.isClockSkew, !hasCorrectedClock, correctClock(refusal) {
                hasCorrectedClock = true
            } else if refusal.isCredentialRefused, !refusal.isClockSkew, !hasRenewedCredentials, used.isRenewable {
                credentials.refused { $0 === used }
                hasRenewedCredentials = true
            } else {
                throw .refused(refusal)
            }
        }
    }

    private func current<Token>(_ source: TokenSource<Token>) async throws(AWSFault) -> Token {
        do throws(BackendError) { return try await source.current() } catch { throw .failed(error) }
    }

    /// Sends it once; each time is signed anew, because signatures do not hold for long.
    private func send(
        _ operation: String,
        _ body: SharedSecret,
        to site: Site,
        with credentials: AWSCredentials
    ) async throws(AWSFault) -> HTTPResponse {
        do throws(BackendError) {
            let request = try HTTPRequest.signed(
                "secretsmanager",
                of: site.region,
                at: site.endpoint,
                headers: [
                    ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "secretsmanager.\(operation)"),
                ],
                body: body,
                with: credentials,
                milliseconds: clock.now
            )
            return try await web.send(request)
        } catch {
            throw .failed(error)
        }
    }

    private func correctClock(_ refusal: AWSRefusal) -> Bool {
        guard let date = refusal.serverDate, let behind = clock.correct(date) else { return false }
        let seconds = abs(behind) / 1000
        notices(
            """
            aws-secret-manager: the machine's clock is \(seconds) s \(behind > 0 ? "behind" : "ahead of") the service's; \
            requests are signed with the service's time until it is put right
            """
        )
        return true
    }

    private static func document(
        _ response: consuming HTTPResponse,
        doing action: String
    ) throws(AWSFault) -> JSONDocument {
        do throws(BackendError) {
            // Operations that have nothing to say may say nothing.
            guard response.body.count > 0 else {
                return try BackendError.mappingMemory { () throws(MemoryError) in try JSONDocument.null() }
            }
            return try WebService.json(response.takeBody(), doing: action)
        } catch {
            throw .failed(error)
        }
    }

    /// A JSON object for ``call(_:_:doing:)``.
    static func body(_ write: (inout JSONWriter) throws(MemoryError) -> Void) throws(AWSFault) -> SecretBytes {
        do throws(MemoryError) {
            var writer = JSONWriter()
            try writer.beginObject()
            try write(&writer)
            try writer.endObject()
            return try writer.finish()
        } catch {
            throw .failed(.memory(error))
        }
    }

    func close() {
        site.close()
        credentials.close()
        web.close()
    }
}

extension AWSFault {
    /// In the words that all managers share.
    func error(doing action: String) -> BackendError {
        switch self {
        case .refused(let refusal): refusal.error(doing: action)
        case .failed(let error): error
        }
    }
}
