public import SecretMemory
public import Wire

/// How a request ended, in the numbers of the canonical RPC codes.
public typealias Status = Wire.Status
/// Why a request failed, as a stable word.
public typealias Reason = Wire.Reason

/// Why a call brought no answer, or not the one wanted. It never carries a value.
public enum ClientError: Error, Equatable, Sendable {
    /// An address, a file or an argument cannot be used. Nothing was sent.
    case configuration(String)
    /// There is no agent at the address, it is not one to be trusted, or the connection broke.
    case unreachable(String)
    /// The agent answered, and the answer is no.
    case refused(Refusal)
    /// There was no answer in time.
    case timedOut(after: Duration)
    /// The agent sent something that is not the protocol.
    case protocolViolation(String)
    /// There is no locked memory for the answer or the request.
    case memory(MemoryError)

    /// What the agent said.
    public struct Refusal: Equatable, Sendable {
        public let status: Status
        public let reason: Reason
        /// A sentence for a person.
        public let message: String
        /// How long to wait before the next try, where the agent gave advice.
        public let retryAfter: Duration?

        public init(status: Status, reason: Reason, message: String, retryAfter: Duration? = nil) {
            self.status = status
            self.reason = reason
            self.message = message
            self.retryAfter = retryAfter
        }
    }

    /// What kind of failure it is, for a program that ends because of it.
    public enum Category: Sendable, CaseIterable {
        /// The answer is no: there is no such secret, or the caller may not have it.
        case negative
        /// The caller asked wrongly, or is configured wrongly.
        case usage
        /// The agent, or the secrets manager behind it, cannot be reached or does not work.
        case unavailable

        /// The exit status of a command line: 1, 2 and 3.
        public var exitStatus: Int32 {
            switch self {
            case .negative: 1
            case .usage: 2
            case .unavailable: 3
            }
        }
    }

    /// What kind of failure it is.
    public var category: Category {
        switch self {
        case .configuration, .memory: .usage
        case .unreachable, .timedOut, .protocolViolation: .unavailable
        case .refused(let refusal): refusal.category
        }
    }
}

extension ClientError.Refusal {
    /// What kind of failure it is.
    public var category: ClientError.Category {
        switch reason {
        case .backendUnavailable, .backendThrottled, .backendDenied, .backendMalformed: return .unavailable
        case .tooLarge: return .negative
        default: break
        }
        return switch status {
        case .invalidArgument, .unimplemented: .usage
        case .unavailable, .deadlineExceeded, .resourceExhausted, .internal: .unavailable
        default: .negative
        }
    }
}

extension ClientError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .configuration(let text), .unreachable(let text): text
        case .refused(let refusal): refusal.description
        case .timedOut(let duration): "the agent gave no answer within \(duration)"
        case .protocolViolation(let text): "the agent broke the protocol: \(text)"
        case .memory(.refused(let refusal)): refusal.description
        case .memory: "there is no locked memory left in this process"
        }
    }
}

extension ClientError.Refusal: CustomStringConvertible {
    /// The agent's sentence and its reason.
    public var description: String {
        let word = reason.rawValue.isEmpty ? status.description : reason.rawValue
        return message.isEmpty ? word : "\(message) (\(word))"
    }
}
