import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("What Google Secret Manager refuses")
struct GoogleRefusalTests {
    private func fault(
        _ status: Int,
        _ body: String,
        _ operation: GoogleOperation = .access,
        retryAfter: Duration? = nil
    ) throws -> GoogleFault {
        let bytes = try SecretBytes(copying: body.utf8Span.span, account: .http)
        let refusal = GoogleRefusal(status: status, body: bytes, retryAfter: retryAfter)
        return GoogleFault(refusal, operation, "projects/p/secrets/x")
    }

    private func body(_ code: String, reason: String? = nil, message: String = "s3cr3t words", more: String = "")
        -> String
    {
        let info = reason.map {
            """
            {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"\($0)","domain":"googleapis.com"}
            """
        }
        let details = [info, more.isEmpty ? nil : more].compactMap { $0 }.joined(separator: ",")
        return #"{"error":{"code":1,"message":"\#(message)","status":"\#(code)","details":[\#(details)]}}"#
    }

    @Test("missing is only what the service itself says is missing")
    func missing() throws {
        #expect(try fault(404, body("NOT_FOUND")) == .notFound)
        guard case .failed(.malformed) = try fault(404, "<html>404</html>") else {
            Issue.record("a page of a front end passed for an answer")
            return
        }
    }

    @Test("states and races are told apart from failures")
    func states() throws {
        #expect(try fault(409, body("ALREADY_EXISTS"), .create) == .alreadyExists)
        #expect(try fault(409, body("ABORTED"), .update) == .aborted)
        guard case .precondition = try fault(400, body("FAILED_PRECONDITION")) else {
            Issue.record("a disabled version is something else")
            return
        }
        guard case .invalid = try fault(400, body("INVALID_ARGUMENT")) else {
            Issue.record("a wrong request is something else")
            return
        }
    }

    @Test(
        "what stands between the agent and every secret is a matter of its credential",
        arguments: [
            ("SERVICE_DISABLED", "gcloud services enable"), ("BILLING_DISABLED", "billing"),
            ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "cloud-platform"), ("CONSUMER_INVALID", "no such project"),
            ("USER_PROJECT_DENIED", "serviceUsageConsumer"),
        ]
    )
    func denied(reason: String, advice: String) throws {
        guard case .failed(.denied(let detail)) = try fault(403, body("PERMISSION_DENIED", reason: reason)) else {
            Issue.record("it is something else")
            return
        }
        #expect(detail.contains(reason) && detail.contains(advice))
    }

    @Test("a missing right names the permission, and that Google does not tell it apart from a missing secret")
    func forbidden() throws {
        for text in [body("PERMISSION_DENIED", reason: "IAM_PERMISSION_DENIED"), body("PERMISSION_DENIED")] {
            guard case .failed(.forbidden(let detail)) = try fault(403, text, .addVersion) else {
                Issue.record("it is something else")
                return
            }
            #expect(detail.contains("secretmanager.versions.add") && detail.contains("projects/p/secrets/x"))
        }
    }

    @Test("who is asked too often says for how long, in the body or beside it")
    func throttled() throws {
        let more = #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.500s"}"#
        let exhausted = body("RESOURCE_EXHAUSTED", more: more)
        #expect(try fault(429, exhausted) == .failed(.throttled(retryAfter: .milliseconds(1500))))
        #expect(
            try fault(429, exhausted, retryAfter: .seconds(9)) == .failed(.throttled(retryAfter: .milliseconds(1500)))
        )
        #expect(
            try fault(429, body("RESOURCE_EXHAUSTED"), retryAfter: .seconds(9))
                == .failed(.throttled(retryAfter: .seconds(9)))
        )
        #expect(try fault(429, "<html>") == .failed(.throttled(retryAfter: nil)))
        #expect(try fault(400, body("RESOURCE_EXHAUSTED")) != .notFound)
        let endless = #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1e300s"}"#
        #expect(
            try fault(429, body("RESOURCE_EXHAUSTED", more: endless))
                == .failed(.throttled(retryAfter: WebService.longestRetryAfter))
        )
        let nonsense = #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"nans"}"#
        #expect(try fault(429, body("RESOURCE_EXHAUSTED", more: nonsense)) == .failed(.throttled(retryAfter: nil)))
    }

    @Test("what is down is unavailable, in its own words or in a page", arguments: [500, 502, 503, 504, 499])
    func unavailable(status: Int) throws {
        for text in [body("UNAVAILABLE"), "<html>Bad gateway</html>", "", "{", "[]", "{\"error\":1}"] {
            guard case .failed(.unavailable) = try fault(status, text) else {
                Issue.record("\(status) is something else")
                return
            }
        }
    }

    @Test("no sentence of an answer is repeated, nor a word that is none of the service's")
    func nothingIsRepeated() throws {
        let odd = "Lower case and a value: hunter2"
        for (status, text) in [
            (400, body("INVALID_ARGUMENT")), (403, body("PERMISSION_DENIED")), (400, body(odd)),
            (403, body("PERMISSION_DENIED", reason: odd)), (401, body("UNAUTHENTICATED")), (500, body("INTERNAL")),
            (403, body(odd, reason: odd)),
        ] {
            let told = "\(try fault(status, text))"
            #expect(!told.contains("s3cr3t") && !told.contains("hunter2"))
        }
    }
}
