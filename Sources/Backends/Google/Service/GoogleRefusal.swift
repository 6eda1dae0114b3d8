internal import HTTP
internal import SecretMemory
internal import Secrets

/// What the service says where it does not do what was asked. Only its fixed words are read: its sentences hold what was
/// asked for, and could hold anything.
struct GoogleRefusal: Sendable {
    let status: Int
    /// Such as `NOT_FOUND`; nil where the answer is not the service's own, as of a front end or a proxy.
    let code: String?
    /// Such as `SERVICE_DISABLED`.
    let reason: String?
    let retryAfter: Duration?

    init(_ response: consuming HTTPResponse, time: TimeSource) {
        let (status, retryAfter) = (response.status, WebService.retryAfter(response, time: time))
        self.init(status: status, body: response.takeBody(), retryAfter: retryAfter)
    }

    /// - Parameter retryAfter: what a header says; the body's word counts more.
    init(status: Int, body: consuming SecretBytes, retryAfter header: Duration?) {
        self.status = status
        guard let document = try? JSONDocument(body), let error = document.node("error") else {
            (code, reason, retryAfter) = (nil, nil, header)
            return
        }
        code = Self.word(document.string(document.node("status", in: error)))
        var reason: String?
        var delay: Duration?
        for detail in document.node("details", in: error).map({ document.elements(of: $0) }) ?? [] {
            let type = document.string(document.node("@type", in: detail)) ?? ""
            if type.hasSuffix("/google.rpc.ErrorInfo") {
                reason = reason ?? Self.word(document.string(document.node("reason", in: detail)))
            } else if type.hasSuffix("/google.rpc.RetryInfo") {
                delay = delay ?? Self.delay(document.string(document.node("retryDelay", in: detail)))
            }
        }
        self.reason = reason
        retryAfter = delay ?? header
    }

    /// One of the service's words, or nil: nothing else is repeated in messages.
    private static func word(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count) else { return nil }
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        return isWord ? text : nil
    }

    /// A duration as the service writes it: `2s`, `1.500s`.
    private static func delay(_ text: String?) -> Duration? {
        guard let text, text.hasSuffix("s") else { return nil }
        return WebService.wait(seconds: text.dropLast())
    }

    /// Its words for a message.
    var words: String { ([String(status), code, reason] as [String?]).compactMap { $0 }.joined(separator: " ") }
}
