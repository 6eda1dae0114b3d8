import Cryptography
import SecretMemory
import Secrets
import Testing

@testable import Backends

/// One row of a published table.
struct SignatureVector: Sendable, CustomTestStringConvertible {
    let name: String
    var service = "service"
    var method = "GET"
    var headers: [(String, String)] = []
    var token: String?
    var body: String?
    let signed: String
    var canonical: String?
    let signature: String

    var testDescription: String { name }

    func request() throws -> SignableRequest {
        var request = SignableRequest(method: method, headers: headers.map { ($0.0, .plain($0.1)) })
        if let token { request.headers.append(("x-amz-security-token", .secret(try secret(token)))) }
        request.body = try body.map(secret)
        return request
    }
}

@Suite("Signature Version 4")
struct SignatureV4Tests {
    private static let example = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")]

    /// AWS's own vectors, with AWS's own example keys.
    private static let published = [
        SignatureVector(
            name: "get-vanilla",
            headers: example,
            signed: "host;x-amz-date",
            canonical: "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        SignatureVector(
            name: "get-vanilla-with-session-token",
            headers: example,
            token: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
            signed: "host;x-amz-date;x-amz-security-token",
            canonical: "067b36aa60031588cea4a4cde1f21215227a047690c72247f1d70b32fbbfad2b",
            signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"
        ),
        SignatureVector(
            name: "get-header-value-trim",
            headers: [("my-header1", " value1"), ("my-header2", " \"a   b   c\"")] + example,
            signed: "host;my-header1;my-header2;x-amz-date",
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
        ),
        SignatureVector(
            name: "get-header-key-duplicate",
            headers: [("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")] + example,
            signed: "host;my-header1;x-amz-date",
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
        ),
        SignatureVector(
            name: "post-x-www-form-urlencoded",
            method: "POST",
            headers: [
                ("content-type", "application/x-www-form-urlencoded"), ("content-length", "13"),
                (
                    "x-amz-content-sha256",
                    "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"
                ),
            ] + example,
            body: "Param1=value1",
            signed: "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
            canonical: "b1edd1d03544c25390e32085d55b57acc9a3961bb59415ff86c45c3d89d16cfb",
            signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"
        ),
        SignatureVector(
            name: "post-sts-header-before",
            method: "POST",
            headers: example,
            token: """
                AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflf\
                KD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd\
                8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3i\
                SIlTJabIQwj2ICCR/oLxBA==
                """,
            signed: "host;x-amz-date;x-amz-security-token",
            signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
        ),
        SignatureVector(
            name: "post-sts-header-after",
            method: "POST",
            headers: example,
            signed: "host;x-amz-date",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        ),
    ]

    @Test("the published vectors", arguments: published)
    func vectors(vector: SignatureVector) throws {
        let credentials = AWSCredentials(
            accessKey: try secret("AKIDEXAMPLE"),
            secretKey: try secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            origin: "a test"
        )
        try check(vector, credentials, region: "us-east-1", timestamp: "20150830T123600Z", key: "AKIDEXAMPLE")
    }

    private static let described = [
        SignatureVector(
            name: "keys that do not end",
            service: "secretsmanager",
            method: "POST",
            headers: call("secretsmanager.eu-west-1.amazonaws.com"),
            body: #"{"SecretId": "prod/db-password"}"#,
            signed: "content-type;host;x-amz-date;x-amz-target",
            canonical: "7f20a7738c6cd7fcb83d28abcb96e7701b10c7bbe38f62bb2177657b2877593d",
            signature: "e3679f7ba7c6da3f13307e34e5d0004a5881d0f5554d2c03bd31ca4b33d0f035"
        ),
        SignatureVector(
            name: "keys with a session token",
            service: "secretsmanager",
            method: "POST",
            headers: call("secretsmanager.eu-west-1.amazonaws.com"),
            token: "FwoGZXIvYXdzEXAMPLETOKEN//////////wEaDEXAMPLE",
            body: #"{"SecretId": "prod/db-password"}"#,
            signed: "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
            canonical: "d20d505829a833bfd5a1a0d87dc26ca0b5a1f56a21abbe32e973b1179eb7f8c6",
            signature: "4daaf36b2b44c7c1a014e04ee40446e4d81c3231c28ba8ca0bb24d7494b65194"
        ),
        SignatureVector(
            name: "a host with a port",
            service: "secretsmanager",
            method: "POST",
            headers: call("127.0.0.1:5000"),
            body: #"{"SecretId": "prod/db-password"}"#,
            signed: "content-type;host;x-amz-date;x-amz-target",
            canonical: "53d0db8594c2130cebd695b74d15a37c0f518c4c2909895f2fd649655f5a9b75",
            signature: "0cc0568b7244d8bcda0f92ba9a2e8fd75786db2341dba871d9cb4599e51a1eaa"
        ),
        SignatureVector(
            name: "another service, with a form",
            service: "sts",
            method: "POST",
            headers: [
                ("host", "sts.eu-west-1.amazonaws.com"),
                ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
                ("x-amz-date", "20261121T093015Z"),
            ],
            body: """
                Action=AssumeRole&DurationSeconds=900&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fapp\
                &RoleSessionName=agent-node7&Version=2011-06-15
                """,
            signed: "content-type;host;x-amz-date",
            canonical: "329728a228a26943fa9e2017c8474f42ccbd8697b7e11d3e9f5525413e487094",
            signature: "f0fa461ee87680070af9b4023999413cdccea6cbe1a0cb1c87cb0c2cb0f9a95d"
        ),
    ]

    private static func call(_ host: String) -> [(String, String)] {
        [
            ("host", host), ("x-amz-target", "secretsmanager.GetSecretValue"), ("x-amz-date", "20261121T093015Z"),
            ("content-type", "application/x-amz-json-1.1"),
        ]
    }

    @Test("requests such as are sent, signed by the reference implementation", arguments: described)
    func requests(vector: SignatureVector) throws {
        try check(vector, try caller(), region: "eu-west-1", timestamp: "20261121T093015Z", key: "AKIDEXAMPLE0000000AA")
    }

    private func caller() throws -> AWSCredentials {
        AWSCredentials(
            accessKey: try secret("AKIDEXAMPLE0000000AA"),
            secretKey: try secret("exampleSecretKey/0123456789abcdefGHIJKLMN"),
            origin: "a test"
        )
    }

    private func check(
        _ vector: SignatureVector,
        _ credentials: AWSCredentials,
        region: String,
        timestamp: String,
        key: String
    ) throws {
        let request = try vector.request()
        let signature = SignatureV4(service: vector.service, region: region)
        if let canonical = vector.canonical {
            let digest = try SecretBytes(capacity: Digest256.hexCount) { output in
                do { try request.canonicalDigest(into: &output) } catch { Issue.record("\(error)") }
            }
            #expect(text(SharedSecret(digest)) == canonical)
        }
        let header = try signature.authorization(of: request, with: credentials, at: timestamp)
        let date = timestamp.prefix(8)
        #expect(
            text(header) == """
                AWS4-HMAC-SHA256 Credential=\(key)/\(date)/\(region)/\(vector.service)/aws4_request, \
                SignedHeaders=\(vector.signed), Signature=\(vector.signature)
                """
        )
    }

    @Test("the key of the day is derived once, and anew for another day, region or service")
    func derivedKeys() throws {
        let credentials = try caller()
        let scope = SignatureV4(service: "secretsmanager", region: "eu-west-1").scope(of: "20261121T093015Z")
        let key = try credentials.signingKey(scope)
        let hex = try SecretBytes(capacity: 64) { output in key.withBytes { Hexadecimal.append($0, to: &output) } }
        let expected = "26b1d72dd57b59a1ada45c4d9db10bd6bd5dcf801f9fb0f91a5ec139ee41b3ee"
        #expect(text(SharedSecret(hex)) == expected)
        #expect(try credentials.signingKey(scope) === key)
        let tomorrow = SignatureV4(service: "secretsmanager", region: "eu-west-1").scope(of: "20261122T000000Z")
        let next = try credentials.signingKey(tomorrow)
        #expect(next !== key && text(next) != text(key))
    }
}

@Suite("Times of AWS")
struct AWSTimeTests {
    @Test("a time is written without separators, in UTC")
    func basic() {
        #expect(AWSTime.basic(1_795_253_415_000) == "20261121T093015Z")
        #expect(AWSTime.basic(951_782_399_999) == "20000228T235959Z")
        #expect(AWSTime.basic(951_782_400_000) == "20000229T000000Z")
        #expect(AWSTime.basic(1_709_251_200_000) == "20240301T000000Z")
        #expect(AWSTime.basic(0) == "19700101T000000Z")
    }

    @Test("a calendar counts forth and back to the same day")
    func calendar() {
        for day in stride(from: Int64(-800_000), through: 800_000, by: 97) {
            let date = CivilDate.date(daysSince1970: day)
            let back = CivilDate.daysSince1970(year: date.year, month: Int(date.month), day: date.day)
            #expect(back == day)
        }
    }
}
