internal import Secrets

/// What the refusals of a Central Credential Provider mean. Of their texts, which quote the request, only the code is
/// passed on.
struct CentralCredentialsRefusal {
    /// There is no such account, or the application may not see it.
    private static let missing = "APPAP004E"
    /// The provider does not take the caller for the application that it says it is.
    private static let stranger = "APPAP306E"

    let status: Int
    private let code: String?

    init(_ status: Int, _ json: borrowing JSONDocument) {
        self.status = status
        code = json.string(json.node("ErrorCode")).flatMap { CyberArkCode.isCode($0) ? $0 : nil }
    }

    var isMissing: Bool { (400..<500).contains(status) && code == Self.missing }

    func failure(retryAfter: Duration?, doing action: String) -> BackendError {
        let words = (["status \(status)"] + [code].compactMap { $0 }).joined(separator: ", ")
        if status == 401 || code == Self.stranger {
            return .denied(
                detail: """
                    the Central Credential Provider does not take the agent for its application (\(words)): see \
                    app-id, the \
                    certificate of tls, and which addresses it may come from
                    """
            )
        }
        switch status {
        case 403: return .forbidden(detail: "the Central Credential Provider does not permit \(action) (\(words))")
        case 404: return .malformed(detail: "\(action): there is no such service (\(words)); is address right?")
        case 400, 405: return .malformed(detail: "the Central Credential Provider refuses \(action) (\(words))")
        default: return WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }
}
