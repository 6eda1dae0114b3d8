import Foundation
import ManagerFakes
import SecretMemory
import Testing

@testable import HTTP

/// Asks Vault's fake, whose `/v1/sys/health` answers without a token.
@Suite("Requests over HTTP")
struct HTTPClientTests {
    private let fake: FakeServer

    init() throws { fake = try FakeServer(.vault) }

    private static func secret(_ text: String) throws -> SharedSecret {
        SharedSecret(try SecretBytes(copying: text.utf8Span.span))
    }

    private static func settings(_ fake: FakeServer) throws -> HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.authorities = try secret(String(contentsOfFile: fake.authority, encoding: .utf8))
        return settings
    }

    private func client(_ change: (inout HTTPClientSettings) throws -> Void = { _ in }) throws -> HTTPClient {
        var settings = try Self.settings(fake)
        try change(&settings)
        return try HTTPClient(settings)
    }

    private func get(_ client: HTTPClient, _ path: String = "/v1/sys/health") async throws -> Int {
        try await client.send(HTTPRequest(.get, fake.address + path)).status
    }

    private func failure(_ body: () async throws -> Void) async -> HTTPFailure? {
        do {
            try await body()
            return nil
        } catch { return error as? HTTPFailure }
    }

    @Test("are answered with status, headers and body")
    func answer() async throws {
        let response = try await client().send(HTTPRequest(.get, fake.address + "/v1/sys/health"))
        let (status, type, missing) = (response.status, response.header("content-TYPE"), response.header("X-None"))
        #expect(status == 200 && type == "application/json" && missing == nil)
        let body = response.takeBody()
        let (count, first) = (body.count, body.bytes[0])
        #expect(count > 10 && first == UInt8(ascii: "{"))
    }

    @Test("one after the other use one connection")
    func reuse() async throws {
        let client = try client()
        for _ in 0..<5 { _ = try await get(client) }
        #expect(try fake.connections() == 1)
    }

    @Test("of two clients never share a connection")
    func separation() async throws {
        let (one, other) = (try client(), try client())
        for _ in 0..<5 {
            _ = try await get(one)
            _ = try await get(other)
        }
        let used = try fake.requests().map(\.connection)
        #expect(Set(stride(from: 0, to: 10, by: 2).map { used[$0] }).count == 1)
        #expect(Set(stride(from: 1, to: 10, by: 2).map { used[$0] }).count == 1)
        #expect(used[0] != used[1])
    }

    @Test("beyond the bound of connections wait for one, and all are answered")
    func manyAtOnce() async throws {
        let client = try client { $0.maximumConnections = 3 }
        try fake.fault("slow", times: 0, ["seconds": 0.05])
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<30 { group.addTask { try await get(client) } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses == [Int](repeating: 200, count: 30))
        #expect(try fake.connections() <= 3)
    }

    @Test("that are given up end their transfer")
    func cancelled() async throws {
        let client = try client()
        try fake.fault("hang", path: "/v1/sys/health")
        let task = Task { try await get(client) }
        while try fake.connections() < 1 { await Task.yield() }
        task.cancel()
        let found = await failure { _ = try await task.value }
        #expect(found == .cancelled)
        // The request may have been given up before it arrived.
        try fake.clearFaults()
        #expect(try await get(client) == 200)
    }

    @Test("end where the first byte, or the rest, does not come in time")
    func timeouts() async throws {
        let impatient = try client {
            $0.connectTimeout = .milliseconds(200)
            $0.firstByteTimeout = .milliseconds(200)
        }
        try fake.fault("hang")
        guard case .timedOut(_, let wasSent) = await failure({ _ = try await get(impatient) }) else {
            Issue.record("it did not time out")
            return
        }
        #expect(wasSent)
        let short = try client { $0.totalTimeout = .milliseconds(300) }
        try fake.fault("drip", ["seconds": 0.1])
        guard case .timedOut = await failure({ _ = try await get(short) }) else {
            Issue.record("it did not time out")
            return
        }
    }

    @Test("whose answer is too large end early")
    func tooLarge() async throws {
        let client = try client { $0.maximumResponseBytes = 100_000 }
        try fake.fault("huge", ["bytes": 1 << 20])
        #expect(await failure { _ = try await get(client) } == .tooLarge(limit: 100_000))
        try fake.fault("answer", ["headers": ["X-Long": String(repeating: "x", count: 70_000)]])
        let long = await failure { _ = try await get(client) }
        #expect(long != nil)
        #expect(try await get(client) == 200)
    }

    @Test("are not sent on by a redirect")
    func redirects() async throws {
        try fake.fault("redirect", ["location": fake.address + "/v1/sys/leader"])
        #expect(try await get(client()) == 307)
        #expect(try fake.requests().count == 1)
    }

    @Test("that break off are unreachable, and may have arrived", arguments: ["cut", "drop"])
    func broken(fault: String) async throws {
        try fake.fault(fault, times: 0)
        guard case .unreachable(_, let wasSent) = await failure({ _ = try await get(client()) }) else {
            Issue.record("it did not fail")
            return
        }
        #expect(wasSent)
    }

    @Test("to nobody are unreachable, and did not arrive")
    func nobody() async throws {
        let client = try client()
        let found = await failure { _ = try await client.send(HTTPRequest(.get, "https://localhost:1/")) }
        guard case .unreachable(_, wasSent: false) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }

    @Test("go to no server that cannot prove who it is", arguments: ["expired", "wrong-host", "other-authority"])
    func certificates(certificate: String) async throws {
        let fake = try FakeServer(.vault, options: ["certificate": certificate])
        let client = try HTTPClient(Self.settings(fake))
        let found = await failure { _ = try await client.send(HTTPRequest(.get, fake.address + "/v1/sys/health")) }
        guard case .untrusted = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(try fake.requests().isEmpty)
    }

    @Test("show the client's own certificate where one is configured")
    func clientCertificate() async throws {
        let fake = try FakeServer(.vault, options: ["client-certificate": "demanded"])
        func status(_ settings: HTTPClientSettings) async throws -> Int {
            try await HTTPClient(settings).send(HTTPRequest(.get, fake.address + "/v1/sys/health")).status
        }
        var settings = try Self.settings(fake)
        let without = await failure { _ = try await status(settings) }
        #expect(without != nil)
        func file(_ name: String) throws -> SharedSecret {
            try Self.secret(String(contentsOfFile: try #require(fake.details[name]), encoding: .utf8))
        }
        settings.identity = (try file("client-certificate"), try file("client-key"))
        #expect(try await status(settings) == 200)
    }

    @Test("go without TLS only to this machine, or where it was said that they may")
    func plain() async throws {
        let client = try client()
        let plain = try #require(fake.details["plain-address"])
        #expect(try await client.send(HTTPRequest(.get, plain + "/v1/sys/health")).status == 200)
        for address in [
            "http://vault.example/", "http://10.0.0.1:8200/", "http://localhost.example/", "ftp://localhost/",
        ] {
            let found = await failure { _ = try await client.send(HTTPRequest(.get, address)) }
            guard case .invalid = found else {
                Issue.record("\(address): \(String(describing: found))")
                continue
            }
        }
    }

    @Test("carry credentials in headers, and never one that would break out of its line")
    func secretHeaders() async throws {
        var request = HTTPRequest(.get, fake.address + "/v1/auth/token/lookup-self")
        request.headers = [("X-Vault-Request", "true")]
        request.secretHeaders = [SecretHeader("X-Vault-Token", try Self.secret(fake.details["root-token"] ?? ""))]
        let client = try client()
        #expect(try await client.send(request).status == 200)
        #expect(try fake.requests().last?.credential == "root")
        for value in ["a\nX-Other: b", "a\r", "a\u{0}b"] {
            request.secretHeaders = [SecretHeader("X-Vault-Token", try Self.secret(value))]
            let sent = request
            let found = await failure { _ = try await client.send(sent) }
            guard case .invalid(let detail) = found else {
                Issue.record("it was sent")
                continue
            }
            #expect(!detail.contains("X-Other"))
        }
    }

    @Test("go through a proxy where one is configured, which sees neither headers nor credentials of theirs")
    func proxy() async throws {
        let proxy = try TunnelProxy(user: "agent", password: "made up")
        func client(_ password: String, exceptions: [String] = []) throws -> HTTPClient {
            try self.client {
                $0.proxy = HTTPProxy(
                    address: "http://127.0.0.1:\(proxy.port)",
                    username: "agent",
                    password: try Self.secret(password),
                    exceptions: exceptions
                )
            }
        }
        var request = HTTPRequest(.get, fake.address + "/v1/auth/token/lookup-self")
        request.headers = [("X-Vault-Request", "true")]
        request.secretHeaders = [SecretHeader("X-Vault-Token", try Self.secret(fake.details["root-token"] ?? ""))]
        let sent = request
        #expect(try await client("made up").send(sent).status == 200)
        let heads = proxy.heads.joined()
        #expect(heads.hasPrefix("CONNECT localhost:\(fake.port) ") && !heads.contains("Vault"))
        let refused = await failure { _ = try await client("wrong").send(sent) }
        #expect(refused != nil)
        let count = proxy.heads.count
        #expect(try await client("wrong", exceptions: ["localhost"]).send(sent).status == 200)
        #expect(proxy.heads.count == count)
    }

    @Test("of a closed client are given up, and close its connections")
    func closed() async throws {
        let client = try client()
        _ = try await get(client)
        client.close()
        let found = await failure { _ = try await get(client) }
        #expect(found == .cancelled)
    }
}

@Suite("Addresses")
struct HTTPAddressTests {
    @Test("are taken apart")
    func parts() throws {
        let address = try HTTPAddress("https://Vault.Example:8200/base/?x=1")
        #expect(address.isSecure && address.host == "vault.example" && address.port == 8200)
        #expect(address.path == "/base/" && address.query == "x=1" && address.origin == "https://vault.example:8200")
        #expect(try HTTPAddress("http://[::1]:80/").origin == "http://[::1]")
        #expect(try HTTPAddress("https://a").port == 443)
    }

    @Test(
        "of this machine are known",
        arguments: [
            ("http://localhost:1", true), ("http://127.0.0.1", true), ("http://127.9.9.9", true),
            ("http://[::1]", true),
            ("http://x.localhost", true), ("http://127.0.0.1.example", false), ("http://localhost.example", false),
            ("http://10.0.0.1", false), ("http://127.0.0", false),
        ]
    )
    func loopback(text: String, isLoopback: Bool) {
        // libcurl reads short forms such as 127.0.0 as the whole address that they mean.
        let found = try? HTTPAddress(text).isLoopback
        #expect(found == isLoopback || (text == "http://127.0.0" && found == true))
    }

    @Test(
        "that are none, or carry what does not belong there, are refused",
        arguments: [
            "", "vault.example", "ftp://a", "file:///etc/passwd", "https://", "https://user:password@a", "https://a#b",
            "https://a b", "https://a\nb", "https://a:99999",
        ]
    )
    func refused(text: String) { #expect(throws: HTTPAddress.Refusal.self) { try HTTPAddress(text) } }
}
