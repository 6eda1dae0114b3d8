import HTTP
import Secrets
import Testing

@testable import Backends

@Suite("AWS's endpoints")
struct AWSEndpointTests {
    @Test(
        "each partition has its own domain",
        arguments: [
            ("eu-west-1", "secretsmanager.eu-west-1.amazonaws.com"),
            ("us-gov-west-1", "secretsmanager.us-gov-west-1.amazonaws.com"),
            ("cn-north-1", "secretsmanager.cn-north-1.amazonaws.com.cn"),
            ("eusc-de-east-1", "secretsmanager.eusc-de-east-1.amazonaws.eu"),
            ("us-iso-east-1", "secretsmanager.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "secretsmanager.us-isob-east-1.sc2s.sgov.gov"),
            ("eu-isoe-west-1", "secretsmanager.eu-isoe-west-1.cloud.adc-e.uk"),
            ("us-isof-south-1", "secretsmanager.us-isof-south-1.csp.hci.ic.gov"),
            ("xx-new-9", "secretsmanager.xx-new-9.amazonaws.com"),
        ]
    )
    func partitions(region: String, host: String) {
        let endpoint = AWSEndpoint(service: "secretsmanager", region: region)
        #expect(endpoint.host == host && endpoint.url == "https://\(host)/")
    }

    @Test("the validated endpoint has another name")
    func fips() {
        let endpoint = AWSEndpoint(service: "secretsmanager", region: "us-east-1", isFIPS: true)
        #expect(endpoint.host == "secretsmanager-fips.us-east-1.amazonaws.com")
    }

    @Test(
        "an override is brought into the form that is signed",
        arguments: [
            ("https://EXAMPLE.org", "example.org", "/"), ("https://example.org:443/", "example.org", "/"),
            ("http://localhost:5000", "localhost:5000", "/"), ("https://[::1]:8443/base/", "[::1]:8443", "/base/"),
            ("https://h/a/b-c_d", "h", "/a/b-c_d"),
        ]
    )
    func override(text: String, host: String, path: String) throws {
        let endpoint = try #require(AWSEndpoint(try HTTPAddress(text)))
        #expect(endpoint.host == host && endpoint.path == path)
    }

    @Test("a path that would be signed otherwise than sent is refused", arguments: ["a//b", "a%20b", "a?b=c", "a+b"])
    func oddPaths(path: String) throws {
        #expect(AWSEndpoint(try HTTPAddress("https://h/\(path)")) == nil)
    }

    @Test("a region is part of a host's name, and nothing else gets into that")
    func regions() {
        #expect(AWSEndpoint.isRegion("eu-west-1"))
        for text in ["", "eu-west-1.example.org", "eu/west", "EU-WEST-1", String(repeating: "a", count: 65), "eu west"]
        {
            #expect(!AWSEndpoint.isRegion(text))
        }
    }
}

@Suite("AWS's refusals")
struct AWSRefusalTests {
    private func error(_ code: String, _ status: Int = 400) -> BackendError {
        AWSRefusal(code: code, status: status).error(doing: "reading a")
    }

    /// The kind of an error, without its text.
    private func kind(_ error: BackendError) -> String { "\(error)".prefix { $0 != "(" }.description }

    @Test(
        "a code decides, whatever the status is",
        arguments: [
            ("AccessDeniedException", "forbidden"), ("DecryptionFailure", "forbidden"),
            ("ThrottlingException", "throttled"),
            ("RequestLimitExceeded", "throttled"), ("InternalServiceError", "unavailable"),
            ("ServiceUnavailable", "unavailable"), ("ExpiredTokenException", "denied"),
            ("UnrecognizedClientException", "denied"), ("InvalidSignatureException", "denied"),
            ("SignatureDoesNotMatch", "denied"), ("RequestExpired", "denied"), ("ResourceExistsException", "conflict"),
            ("LimitExceededException", "unsupported"), ("InvalidParameterException", "unsupported"),
            ("ValidationException", "unsupported"), ("SomethingNew", "malformed"),
        ]
    )
    func codes(code: String, expected: String) {
        for status in [400, 403, 404] where code != "SomethingNew" || status != 403 {
            #expect(kind(error(code, status)) == expected)
        }
        let decorated = AWSRefusal(
            code: "com.amazonaws.secretsmanager#\(code):http://internal.amazon.com/",
            status: 400
        )
        #expect(decorated.code == code)
    }

    @Test(
        "without a code the status decides",
        arguments: [
            (400, "malformed"), (401, "denied"), (403, "forbidden"), (408, "throttled"), (429, "throttled"),
            (500, "unavailable"),
            (503, "unavailable"), (302, "malformed"),
        ]
    )
    func statuses(status: Int, expected: String) { #expect(kind(error("", status)) == expected) }

    @Test("what is no code does not get into messages")
    func texts() {
        #expect(AWSRefusal(code: "secret value: x", status: 400).code == "")
        #expect(AWSRefusal(code: String(repeating: "x", count: 81), status: 400).code == "")
    }
}
