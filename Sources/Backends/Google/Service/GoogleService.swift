internal import HTTP
internal import SecretMemory
internal import Secrets

/// Sends requests with a token and judges what comes back.
struct GoogleService: Sendable {
    let web: WebService
    let tokens: TokenSource<SharedSecret>
    let time: TimeSource

    /// Asks for something of a project.
    ///
    /// - Parameters:
    ///   - resource: the path behind `/v1/`, for the operator.
    ///   - suffix: what follows it: a verb with its colon, a query. Encoded by the caller.
    /// - Returns: the answer, which is an object.
    func call(
        _ operation: GoogleOperation,
        _ method: HTTPRequest.Method,
        _ resource: String,
        _ suffix: String = "",
        body: SharedSecret? = nil,
        of parent: GoogleParent
    ) async throws(GoogleFault) -> JSONDocument {
        var request = HTTPRequest(method, "\(parent.origin)/v1/\(resource)\(suffix)")
        request.headers = [("Accept", "application/json")]
        if let quotaProject = parent.quotaProject { request.headers.append(("x-goog-user-project", quotaProject)) }
        request.setBody(body)
        let response: HTTPResponse
        do throws(BackendError) { response = try await send(request) } catch { throw .failed(error) }
        guard response.status == 200 else {
            throw GoogleFault(GoogleRefusal(response, time: time), operation, resource)
        }
        do throws(BackendError) {
            return try Self.document(response, "\(operation.rawValue) \(resource)")
        } catch {
            throw .failed(error)
        }
    }

    /// Sends with the current token, and once more with a new one where that was refused.
    private func send(_ request: HTTPRequest) async throws(BackendError) -> HTTPResponse {
        let token = try await tokens.current()
        let response = try await web.send(Self.authorized(request, token))
        guard response.status == 401 else { return response }
        tokens.refused { $0 === token }
        return try await web.send(Self.authorized(request, try await tokens.current()))
    }

    private static func authorized(_ request: HTTPRequest, _ token: SharedSecret) -> HTTPRequest {
        var request = request
        request.secretHeaders.append(SecretHeader("Authorization", prefix: "Bearer ", token))
        return request
    }

    /// A page of a proxy or of a hotel's network, with status 200, must not pass for an answer.
    private static func document(
        _ response: consuming HTTPResponse,
        _ action: String
    ) throws(BackendError) -> JSONDocument {
        let type = (response.header("Content-Type") ?? "").lowercased()
        guard type.hasPrefix("application/json") else {
            throw .malformed(detail: "\(action) was answered with something that is not JSON")
        }
        let document = try WebService.json(response.takeBody(), doing: action)
        guard document.kind(document.root) == .object else {
            throw .malformed(detail: "\(action) was answered with JSON that is no object")
        }
        return document
    }
}
