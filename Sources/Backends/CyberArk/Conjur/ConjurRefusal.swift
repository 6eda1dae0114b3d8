internal import Secrets

/// What the refusals of Conjur mean. Their texts name variables; nothing of them is passed on.
struct ConjurRefusal: SessionRefusal {
    let status: Int
    private let retryAfter: Duration?
    private let code: String?
    private let message: String
    private let target: String

    init(_ status: Int, retryAfter: Duration?, _ json: borrowing JSONDocument) {
        self.status = status
        self.retryAfter = retryAfter
        code = json.string(json.node("error", "code"))
        message = json.string(json.node("error", "message")) ?? ""
        target = json.string(json.node("error", "details", "message")) ?? ""
    }

    var isOfSession: Bool { status == 401 }

    /// Whether the thing is missing, has no value or may not be seen, and not the whole interface.
    var isMissing: Bool { status == 404 && code == "not_found" }

    /// Which of some things is missing; nil where that is not said.
    func missing(among ids: [String]) -> String? {
        guard isMissing else { return nil }
        let words = message.split { " '\"".contains($0) }
        return ids.first { id in
            target.hasSameBytes(as: id) || words.contains { $0.utf8.elementsEqual(id.utf8) }
        }
    }

    func failure(doing action: String) -> BackendError {
        switch status {
        case 401: .denied(detail: "Conjur accepts neither the old token nor a new one (status 401)")
        case 403: .forbidden(detail: "Conjur does not permit \(action) (status 403)")
        case 409: .conflict
        case 404 where isMissing:
            .malformed(detail: "\(action): Conjur knows no such place, or does not show it (status 404)")
        case 404: .malformed(detail: "\(action): there is no such interface (status 404); is address right?")
        case 400, 405, 406, 422: .malformed(detail: "Conjur refuses \(action) (status \(status))")
        default: WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }
}
