import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Refusals of a vault")
struct KeyVaultRefusalTests {
    private func refusal(_ status: Int, _ body: String) throws -> KeyVaultRefusal {
        let bytes = try SecretBytes(copying: body.utf8Span.span, account: .http)
        let document = try (try? JSONDocument(bytes)) ?? JSONDocument.null()
        return KeyVaultRefusal(status: status, document)
    }

    private func body(_ code: String, _ inner: String? = nil, _ name: String = "innererror") -> String {
        let nested = inner.map { #","\#(name)":{"code":"\#($0)"}"# } ?? #","innererror":null"#
        return #"{"error":{"code":"\#(code)","message":"Caller 192.0.2.7 of tenant 9a8b"\#(nested)}}"#
    }

    @Test(
        "each documented answer has its meaning",
        arguments: [
            (404, "SecretNotFound", nil, .missing), (403, "Forbidden", "SecretDisabled", .disabled),
            (403, "Forbidden", "ForbiddenByRbac", .noPermission), (403, "Forbidden", "AccessDenied", .noPermission),
            (403, "Forbidden", nil, .noPermission), (403, "Forbidden", "ForbiddenByFirewall", .firewall),
            (403, "Forbidden", "ForbiddenByConnection", .firewall),
            (409, "Conflict", "ObjectIsDeletedButRecoverable", .deleted),
            (409, "Conflict", "ObjectIsBeingDeleted", .beingDeleted),
            (409, "Conflict", "ObjectIsBeingRecovered", .beingRecovered), (409, "Conflict", nil, .conflict),
            (400, "BadParameter", nil, .badParameter), (405, "MethodNotAllowed", nil, .other),
            (429, "Throttled", nil, .other), (500, "InternalServerError", nil, .other),
        ] as [(Int, String, String?, KeyVaultRefusal)]
    )
    func documented(status: Int, code: String, inner: String?, expected: KeyVaultRefusal) throws {
        #expect(try refusal(status, body(code, inner)) == expected)
        #expect(try refusal(status, body(code, inner, "innerError")) == expected)
    }

    @Test("an error inside an error inside an error is found")
    func nested() throws {
        let inner = #"{"code":"AccessDenied","innererror":{"code":"ForbiddenByFirewall"}}"#
        #expect(try refusal(403, #"{"error":{"code":"Forbidden","innererror":\#(inner)}}"#) == .firewall)
    }

    @Test(
        "what does not come from a vault does not say that there is no secret",
        arguments: ["", "<html>Not Found</html>", "{}", #"{"error":"SecretNotFound"}"#, #"["SecretNotFound"]"#]
    )
    func strangers(body: String) throws {
        #expect(try refusal(404, body) == .other)
        #expect(try refusal(409, body) == .conflict)
    }

    @Test("nothing of the vault's own sentences is repeated")
    func sentences() throws {
        for status in [400, 403, 404, 405, 409, 429, 500, 503] {
            for inner in ["SecretDisabled", "ForbiddenByRbac", "ForbiddenByFirewall", "ObjectIsBeingDeleted"] {
                let refusal = try refusal(status, body("Forbidden", inner))
                let text = "\(refusal.error(status, retryAfter: nil, doing: "reading A"))"
                #expect(!text.contains("192.0.2.7") && !text.contains("9a8b"))
            }
        }
    }

    @Test("what it means above the backend")
    func meanings() {
        func error(_ refusal: KeyVaultRefusal, _ status: Int, isWrite: Bool = false) -> BackendError {
            refusal.error(status, retryAfter: .seconds(7), doing: "reading A", isWrite: isWrite)
        }
        for (refusal, word) in [
            (KeyVaultRefusal.disabled, "disabled"), (.firewall, "network"), (.noPermission, "policy"),
        ] {
            guard case .forbidden(let detail) = error(refusal, 403) else {
                Issue.record("\(refusal) is not forbidden")
                continue
            }
            #expect(detail.contains("reading A") && detail.contains(word))
        }
        #expect(error(.other, 429) == .throttled(retryAfter: .seconds(7)))
        #expect(error(.conflict, 409) == .conflict)
        guard case .unavailable(_, .seconds(7)) = error(.other, 503) else {
            Issue.record("503 is not unavailable")
            return
        }
        guard case .unsupported = error(.badParameter, 400, isWrite: true), case .malformed = error(.badParameter, 400)
        else {
            Issue.record("400 is not told apart")
            return
        }
    }
}

@Suite("Values in a vault")
struct StoredFormTests {
    @Test("text stays text, and everything else is marked", arguments: ["", "plain", "p\u{e4}ss\u{1f511}\r\n\t"])
    func text(value: String) {
        #expect(StoredForm(of: value.utf8Span.span) == .text)
    }

    @Test(arguments: [[0], [0xff], [0xc3], [0x1b, 0x5b], Array("a\u{7f}".utf8)] as [[UInt8]])
    func bytes(value: [UInt8]) {
        #expect(StoredForm(of: value.span) == .bytes)
    }

    @Test("only the agent's own mark makes Base64 of a value")
    func marks() {
        #expect(StoredForm(contentType: StoredForm.bytes.contentType) == .bytes)
        for type in [nil, "", "text/plain", "application/octet-stream", "application/x-pkcs12", "base64"] {
            #expect(StoredForm(contentType: type) == .text)
        }
        #expect(Base64.encodedCount(StoredForm.bytes.limit) <= StoredForm.maximumBytes)
    }
}
