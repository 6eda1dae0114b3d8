internal import Secrets

/// What the refusals of Secrets Safe mean. What they say is free text, so only the status counts.
struct BeyondTrustRefusal: SessionRefusal {
    let status: Int
    private let retryAfter: Duration?

    init(_ status: Int, retryAfter: Duration?, _ json: borrowing JSONDocument) {
        self.status = status
        self.retryAfter = retryAfter
    }

    var isOfSession: Bool { status == 401 }

    func failure(doing action: String) -> BackendError {
        switch status {
        case 401: .denied(detail: "Password Safe accepts neither the old session nor a new one")
        case 403: .forbidden(detail: "Secrets Safe does not permit \(action) (status 403)")
        case 404: .malformed(detail: "\(action): Secrets Safe knows no such place; is folder-id right?")
        case 400: .malformed(detail: "Secrets Safe refuses \(action) (status 400)")
        case 409: .conflict
        default: WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }
}
