internal import Secrets

/// What a Connect server's errors mean. Of the messages themselves nothing is passed on.
struct ConnectRefusal: ServiceRefusal {
    let status: Int
    private let retryAfter: Duration?
    private let text: String

    init(_ status: Int, retryAfter: Duration?, _ json: borrowing JSONDocument) {
        self.status = status
        self.retryAfter = retryAfter
        text = (json.string(json.node("message")) ?? "").lowercased()
    }

    /// A vault that is not there, or not in the token's scope, is no missing item.
    var isMissingItem: Bool { status == 404 && text.contains("item") }

    func failure(doing action: String) -> BackendError {
        switch status {
        case 401: .denied(detail: "1Password Connect does not accept the token (status 401)")
        // A server that has just started may not have its own credential yet; others wait and ask again, too.
        case 403 where text.hasPrefix("authorization"):
            .unavailable(
                detail: "\(action): 1Password Connect is not authorized itself (status 403)",
                retryAfter: .milliseconds(100)
            )
        case 403: .forbidden(detail: "the token may not do this: \(action) (status 403)")
        case 404:
            .malformed(detail: "\(action): 1Password Connect knows no such vault or path (status 404); see vault-id")
        case 400, 406: .malformed(detail: "\(action): 1Password Connect refuses the request (status \(status))")
        case 413: .malformed(detail: "\(action): the value is too large for 1Password Connect (status 413)")
        default: WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }
}
