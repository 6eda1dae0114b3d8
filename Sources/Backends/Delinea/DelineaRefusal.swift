internal import Secrets

/// What Secret Server's refusals mean. Of their texts only the names of codes and members are passed on.
struct DelineaRefusal: SessionRefusal {
    /// The only words that tell a token that has ended from a right that is missing; the status of both is 403.
    private static let ended = "Authentication failed or expired token."

    let status: Int
    private let retryAfter: Duration?
    let isOfSession: Bool
    /// Whether a right is missing, or the thing itself: Secret Server does not say which.
    let isAccessDenied: Bool
    private let words: String

    init(_ status: Int, retryAfter: Duration?, _ json: borrowing JSONDocument) {
        self.status = status
        self.retryAfter = retryAfter
        let message = json.string(json.node("message")) ?? ""
        let code = json.string(json.node("errorCode")) ?? ""
        let members = json.node("modelState").map { json.members(of: $0).map(\.name) } ?? []
        isOfSession = status == 401 || [400, 403].contains(status) && message == Self.ended
        isAccessDenied = [400, 403].contains(status) && code.hasPrefix("API_AccessDenied")
        let known = ([code] + members).filter(Self.isName)
        words = (["status \(status)"] + known).joined(separator: ", ")
    }

    func failure(doing action: String) -> BackendError {
        if isOfSession {
            return .denied(detail: "Secret Server accepts neither the old token nor that of a new log-in")
        }
        if isAccessDenied || status == 403 {
            return .forbidden(detail: "Secret Server does not permit \(action) (\(words))")
        }
        if [400, 404, 405].contains(status) {
            return .malformed(detail: "Secret Server refuses \(action) (\(words))")
        }
        return WebService.failure(status, retryAfter: retryAfter, doing: action)
    }

    /// Names of the interface's own, and no text that somebody wrote.
    private static func isName(_ text: String) -> Bool {
        (1...60).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
