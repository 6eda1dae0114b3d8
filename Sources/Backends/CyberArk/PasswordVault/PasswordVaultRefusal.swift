internal import Secrets

/// What the refusals of a Privileged Access Manager mean. Of their texts only the code is passed on.
struct PasswordVaultRefusal: SessionRefusal {
    /// The session's token is missing, wrong, or has ended.
    private static let ended = "PASWS006E"

    let status: Int
    private let retryAfter: Duration?
    /// Such as `PASWS041E`; nil where there is none, as in pages of the web server.
    let code: String?

    init(_ status: Int, retryAfter: Duration?, _ json: borrowing JSONDocument) {
        self.status = status
        self.retryAfter = retryAfter
        code = json.string(json.node("ErrorCode")).flatMap { CyberArkCode.isCode($0) ? $0 : nil }
    }

    var isOfSession: Bool { status == 401 || code == Self.ended }
    var words: String { (["status \(status)"] + [code].compactMap { $0 }).joined(separator: ", ") }
    /// Whether the thing is not there, and not the whole interface.
    var isMissing: Bool { status == 404 && code != nil }

    func failure(doing action: String) -> BackendError {
        if isOfSession { return .denied(detail: "CyberArk accepts neither the old session nor a new one (\(words))") }
        switch status {
        case 403: return .forbidden(detail: "CyberArk does not permit \(action) (\(words))")
        case 409: return .conflict
        case 404 where code == nil:
            return .malformed(detail: "\(action): there is no such interface (\(words)); is address right?")
        case 400, 404, 405: return .malformed(detail: "CyberArk refuses \(action) (\(words))")
        default: return WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }
}
