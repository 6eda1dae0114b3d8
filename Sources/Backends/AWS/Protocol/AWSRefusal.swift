internal import HTTP
internal import SecretMemory
internal import Secrets

/// Why a call of AWS brought nothing.
enum AWSFault: Error {
    /// It was answered, and not with what was asked for.
    case refused(AWSRefusal)
    /// It was not answered, or not sent.
    case failed(BackendError)
}

/// An answer of AWS that is no success. Of its body only the code is kept: texts may quote what was sent.
struct AWSRefusal: Equatable, Sendable {
    /// Without the name space before it and the address behind it; "" where the answer has none.
    let code: String
    let status: Int
    /// What AWS's support asks for.
    var requestID: String?
    var retryAfter: Duration?
    /// Whether the text speaks of a deletion, which is all that tells a pending one from other wrong states.
    var mentionsDeletion = false
    /// Whether the text says that the time of the signature is wrong.
    var mentionsTime = false
    /// Seconds since 1970 by the server's clock.
    var serverDate: Int64?

    /// Reads an answer whose status is no success.
    init(_ response: consuming HTTPResponse, time: TimeSource) {
        status = response.status
        requestID = response.header("x-amzn-RequestId").map { String($0.prefix(64)) }
        retryAfter =
            response.header("x-amz-retry-after").flatMap { Int64($0) }
            .map { min(max(.zero, .milliseconds($0)), WebService.longestRetryAfter) }
            ?? WebService.retryAfter(response, time: time)
        serverDate = response.header("Date").flatMap(HTTPDate.seconds)
        let header = response.header("x-amzn-ErrorType")
        mentionsDeletion = response.body.bytes.contains("deletion") || response.body.bytes.contains("deleted")
        mentionsTime =
            response.body.bytes.contains("Signature expired") || response.body.bytes.contains("not yet current")
        code = Self.plain(Self.code(response.takeBody()) ?? header ?? "")
    }

    /// One that stands in an answer for several names.
    init(code: String, status: Int = 200) {
        self.code = Self.plain(code)
        self.status = status
    }

    private static func code(_ body: consuming SecretBytes) -> String? {
        guard body.count > 0 else { return nil }
        if body.bytes[0] == UInt8(ascii: "<") {
            guard let answer = try? XMLAnswer(body) else { return nil }
            return answer.string("Error", "Code") ?? answer.string("Code")
        }
        guard let document = try? JSONDocument(body) else { return nil }
        return document.string(document.node("__type")) ?? document.string(document.node("code"))
            ?? document.string(document.node("Code"))
    }

    private static func plain(_ code: String) -> String {
        let name = code.split(separator: "#", omittingEmptySubsequences: false).last ?? ""
        let bare = name.prefix { $0 != ":" }
        // Whatever is no code must not become part of a message.
        let isCode = bare.utf8.count <= 80 && bare.utf8.allSatisfy { PercentEncoding.isUnreserved($0) }
        return isCode ? String(bare) : ""
    }
}

extension Span<UInt8> {
    /// Whether these bytes hold a text.
    fileprivate func contains(_ text: String) -> Bool {
        let wanted = text.utf8Span.span
        guard count >= wanted.count else { return false }
        return (0...(count - wanted.count)).contains { start in
            self[start] == wanted[0] && extracting(start..<(start + wanted.count)).equals(wanted)
        }
    }
}
