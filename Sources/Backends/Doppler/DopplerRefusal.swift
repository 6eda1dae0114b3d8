internal import Secrets

/// What Doppler's messages mean. Of the messages themselves nothing is passed on: they name secrets.
struct DopplerRefusal: ServiceRefusal {
    let status: Int
    private let retryAfter: Duration?
    private let text: String

    init(_ status: Int, retryAfter: Duration?, _ json: borrowing JSONDocument) {
        self.status = status
        let messages = json.node("messages").map { json.elements(of: $0) } ?? []
        text = messages.compactMap { json.string($0) }.joined(separator: " ").lowercased()
        // Answers ask for it by themselves, too.
        self.retryAfter =
            retryAfter
            ?? json.number(json.node("data", "isRetryableAfterSec")).flatMap { WebService.wait(seconds: "\($0)") }
    }

    /// There is no secret of this name, and nothing else is wrong.
    var isMissingSecret: Bool { status == 404 && missingPlace == nil && text.contains("secret") }

    /// What else there is none of.
    private var missingPlace: String? {
        ["project", "config", "environment", "workplace"].first { text.contains("requested \($0)") }
    }

    func failure(doing action: String) -> BackendError {
        switch status {
        case 401: .denied(detail: "Doppler does not accept the token (status 401)")
        case 403: .forbidden(detail: "the token may not do this: \(action) (status 403)")
        case 404:
            .malformed(
                detail:
                    "\(action): Doppler knows no such \(missingPlace ?? "path") (status 404); see project and config"
            )
        case 400, 409, 422: .malformed(detail: "\(action): Doppler refuses the request (status \(status))")
        case 413: .malformed(detail: "\(action): the value is too large for Doppler (status 413)")
        default: WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }
}
