internal import Secrets

/// Why a call of the service did not do what was asked. Some of it is no failure for some calls, so the caller decides.
enum GoogleFault: Error, Equatable {
    /// There is no such secret, or no such version.
    case notFound
    case alreadyExists
    /// Somebody else changed the secret at the same time.
    case aborted
    /// The secret is in a state that does not permit it: a disabled version, a stale etag, a policy of the organisation.
    case precondition(String)
    /// The request is not one that the service understands.
    case invalid(String)
    case failed(BackendError)

    /// What an answer means.
    ///
    /// - Parameter path: the resource, for the operator.
    init(_ refusal: GoogleRefusal, _ operation: GoogleOperation, _ path: String) {
        let what = "\(operation.rawValue) \(path)"
        self =
            switch (refusal.status, refusal.code) {
            case (404, "NOT_FOUND"?): .notFound
            case (409, "ALREADY_EXISTS"?): .alreadyExists
            case (409, _?): .aborted
            case (400, "FAILED_PRECONDITION"?): .precondition("\(what) was refused (\(refusal.words))")
            case (400, _?): .invalid("\(what) was refused (\(refusal.words))")
            case (401, _): .failed(.denied(detail: "Google did not accept the token (\(refusal.words))"))
            case (403, _?): .failed(Self.forbidden(refusal, operation, what))
            // Some of the service's words for "busy" come with other statuses than their own.
            case (_, "RESOURCE_EXHAUSTED"?): .failed(.throttled(retryAfter: refusal.retryAfter))
            case (499, _):
                .failed(
                    .unavailable(detail: "\(what) was cancelled (\(refusal.words))", retryAfter: refusal.retryAfter)
                )
            default:
                .failed(WebService.failure(refusal.status, retryAfter: refusal.retryAfter, doing: what))
            }
    }

    /// What stands between the agent and all secrets is a matter of its credential; the rest, of this one secret.
    private static func forbidden(
        _ refusal: GoogleRefusal,
        _ operation: GoogleOperation,
        _ what: String
    ) -> BackendError {
        let advice: String? =
            switch refusal.reason {
            case "SERVICE_DISABLED":
                "enable it with: gcloud services enable secretmanager.googleapis.com --project PROJECT"
            case "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
                "give the machine the scope https://www.googleapis.com/auth/cloud-platform"
            case "BILLING_DISABLED": "the project has no billing account"
            case "CONSUMER_INVALID", "CONSUMER_SUSPENDED": "there is no such project, or it is suspended"
            case "USER_PROJECT_DENIED":
                "the credential needs roles/serviceusage.serviceUsageConsumer in the quota project"
            default: nil
            }
        if let advice { return .denied(detail: "\(what) was refused (\(refusal.words)): \(advice)") }
        return .forbidden(
            detail: """
                \(what) was refused (\(refusal.words)): \(operation.permission) is missing, or it does not exist, which \
                Google does not tell apart
                """
        )
    }

    /// As an error of the backend, where the caller has no better meaning for it.
    var asBackendError: BackendError {
        switch self {
        case .failed(let error): error
        // Of what is no secret and no version, only the place of all of them can be missing.
        case .notFound: .denied(detail: "Google knows no such project, or no such location")
        case .alreadyExists, .aborted: .conflict
        case .precondition(let detail), .invalid(let detail): .unsupported(detail: detail)
        }
    }
}
