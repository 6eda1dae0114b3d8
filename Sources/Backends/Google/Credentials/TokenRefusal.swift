internal import HTTP
internal import Secrets

/// Why no token was given (RFC 6749, section 5.2). Only the fixed word is repeated: the sentence beside it may hold anything.
enum TokenRefusal {
    /// A clock that is wrong by more than this makes signed statements worthless.
    private static let largestSkewSeconds: Int64 = 300

    /// - Parameters:
    ///   - origin: who refused.
    ///   - title: whose credential it is.
    static func error(
        _ response: consuming HTTPResponse,
        from origin: String,
        for title: String,
        time: TimeSource
    ) -> BackendError {
        let status = response.status
        let retryAfter = WebService.retryAfter(response, time: time)
        let skew = skewAdvice(response, time)
        let action = "asking \(origin) for a token"
        guard (400..<500).contains(status), status != 408, status != 429 else {
            return WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
        let document = try? JSONDocument(response.takeBody())
        let word =
            switch document {
            case .some(let document): self.word(document.string(document.node("error")))
            case .none: String?.none
            }
        switch word {
        case "internal_failure"?, "server_error"?, "temporarily_unavailable"?:
            return .unavailable(detail: "\(origin) cannot give tokens now", retryAfter: retryAfter)
        case let word:
            let words = [String(status), word].compactMap { $0 }.joined(separator: " ")
            return .denied(detail: "\(origin) refused \(title) (\(words))" + (skew ?? meaning(word)))
        }
    }

    private static func meaning(_ word: String?) -> String {
        switch word {
        case "invalid_grant":
            ": the key was deleted or disabled, the account is gone, the login has ended, or the clock is wrong"
        case "unauthorized_client": ": the account may not ask for tokens in this way"
        case "invalid_client", "deleted_client", "disabled_client": ": the client of this login is gone"
        case "invalid_target": ": the audience names no provider of identities that exists"
        default: ""
        }
    }

    /// The most frequent reason for a refusal that no one sees is a clock that is wrong.
    private static func skewAdvice(_ response: borrowing HTTPResponse, _ time: TimeSource) -> String? {
        guard let there = response.header("Date").flatMap({ HTTPDate.seconds($0) }) else { return nil }
        let skew = time.wall() / 1000 - there
        guard abs(skew) > largestSkewSeconds else { return nil }
        return ": the clock of this machine is \(abs(skew)) seconds \(skew > 0 ? "ahead of" : "behind") the server's"
    }

    private static func word(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count) else { return nil }
        let isWord = text.utf8.allSatisfy { byte in
            byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
        }
        return isWord ? text : nil
    }
}
