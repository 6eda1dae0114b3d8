internal import Secrets

/// What AWS's codes mean. They are decided by first: AWS itself answers nearly all of them with status 400, and compatible
/// services with others.
extension AWSRefusal {
    /// There is no such secret, or no such version.
    var isNotFound: Bool { code == "ResourceNotFoundException" }

    /// The secret is scheduled for deletion, and there only for who restores it.
    var isScheduledForDeletion: Bool { code == "InvalidRequestException" && mentionsDeletion }

    /// The name is taken, or a version with this number has another value.
    var isTaken: Bool { code == "ResourceExistsException" }

    /// The policy does not allow it.
    var isForbidden: Bool { ["AccessDeniedException", "AccessDenied", "NotAuthorized"].contains(code) }

    /// The operation is not known, as with services that only resemble this one.
    var isUnknownOperation: Bool {
        ["UnknownOperationException", "UnknownOperation", "InvalidAction", "NotImplemented"].contains(code)
            || status == 501 || (status == 404 && code.isEmpty)
    }

    /// A page of a listing has gone.
    var isLostPage: Bool { code == "InvalidNextTokenException" }

    /// The machine's clock is not AWS's.
    var isClockSkew: Bool {
        ["RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"].contains(code)
            || (["InvalidSignatureException", "SignatureDoesNotMatch"].contains(code) && mentionsTime)
    }

    /// The keys were not accepted.
    var isCredentialRefused: Bool {
        Self.credentialCodes.contains(code) || (status == 401 && code.isEmpty)
    }

    private static let credentialCodes: Set<String> = [
        "ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId",
        "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "RequestExpired", "RequestTimeTooSkewed",
        "RequestInTheFuture", "OptInRequired", "InvalidIdentityToken", "IDPRejectedClaim",
    ]

    private static let throttleCodes: Set<String> = [
        "ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
        "RequestThrottled", "RequestThrottledException", "SlowDown", "ProvisionedThroughputExceededException",
        "TransactionInProgressException", "BandwidthLimitExceeded", "EC2ThrottledException",
    ]

    private static let passingCodes: Set<String> = [
        "InternalServiceError", "InternalServiceErrorException", "InternalFailure", "InternalError",
        "ServiceUnavailable",
        "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete",
        "IDPCommunicationError",
    ]

    /// In the words that all managers share.
    ///
    /// - Parameter action: what was being done, such as `reading company.team/DB_PASSWORD`.
    func error(doing action: String) -> BackendError {
        let answer = "\(action) was answered with \(words)"
        if Self.throttleCodes.contains(code) { return .throttled(retryAfter: retryAfter) }
        if Self.passingCodes.contains(code) { return .unavailable(detail: answer, retryAfter: retryAfter) }
        if isCredentialRefused { return .denied(detail: "\(answer)\(credentialAdvice)") }
        if isForbidden {
            return .forbidden(detail: "\(answer): the policy of the agent's credentials does not allow it")
        }
        switch code {
        case "": break
        case "DecryptionFailure", "EncryptionFailure":
            return .forbidden(detail: "\(answer): the KMS key of the secret is missing, disabled, or not ours to use")
        case "ResourceExistsException": return .conflict
        case "LimitExceededException":
            return .unsupported(detail: "\(answer): a quota of the account is used up, such as that of versions")
        case "InvalidRequestException", "InvalidParameterException", "ValidationException",
            "PreconditionNotMetException":
            return .unsupported(detail: answer)
        default: break
        }
        if status == 403 { return .forbidden(detail: answer) }
        if code.isEmpty { return WebService.failure(status, retryAfter: retryAfter, doing: action) }
        return status >= 500 ? .unavailable(detail: answer, retryAfter: retryAfter) : .malformed(detail: answer)
    }

    private var words: String {
        let name = code.isEmpty ? "status \(status)" : code
        return requestID.map { "\(name) (request \($0))" } ?? name
    }

    private var credentialAdvice: String {
        if isClockSkew { return ": the clocks differ, so check the machine's clock" }
        switch code {
        case "ExpiredTokenException", "ExpiredToken": return ": the session has ended"
        case "UnrecognizedClientException", "InvalidClientTokenId":
            return ": the access key or the session token is not known, or belongs to another partition"
        case "InvalidSignatureException", "SignatureDoesNotMatch": return ": the secret key is not the access key's"
        default: return ""
        }
    }
}
