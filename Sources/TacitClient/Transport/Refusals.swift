internal import TLS
public import Wire

extension ClientError.Refusal {
    /// What the payload of a response says.
    init(status: Status, payload: Span<UInt8>) throws(ClientError) {
        do throws(Malformed) {
            self.init(status: status, try ErrorPayload(decoding: payload))
        } catch { throw .unreadable(error) }
    }

    /// What a response, or a GOAWAY, says.
    init(status: Status, _ error: ErrorPayload) {
        self.init(
            status: status,
            reason: error.reason,
            message: error.message,
            retryAfter: error.retryAfter == 0 ? nil : Duration(milliseconds: error.retryAfter)
        )
    }
}

extension ClientError {
    /// An answer that is not the message it should be.
    static func unreadable(_ fault: Malformed) -> ClientError {
        .protocolViolation("in an answer, \(fault)")
    }

    /// A request that no agent would take.
    static func tooLarge(limit: Int) -> ClientError {
        .refused(
            Refusal(status: .resourceExhausted, reason: .tooLarge, message: "a request has at most \(limit) bytes")
        )
    }
}

extension Reason {
    /// The agent refused the client's certificate. With TLS there is no response to say so; this stands in its place.
    public static let certificateRefused = Reason(rawValue: "CERTIFICATE_REFUSED")
}

extension Alert {
    /// What the alert means to a caller, where it is about the caller's certificate.
    var refusal: ClientError.Refusal? {
        switch self {
        case .badCertificate, .unsupportedCertificate, .certificateRevoked, .certificateExpired, .certificateUnknown,
            .unknownAuthority, .certificateRequired, .accessDenied:
            ClientError.Refusal(
                status: .unauthenticated,
                reason: .certificateRefused,
                message: "the agent refused this client's certificate: \(self)"
            )
        default: nil
        }
    }

    private static let accessDenied = Alert(rawValue: 49)
}
