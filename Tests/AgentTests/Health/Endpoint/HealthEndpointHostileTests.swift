internal import Configuration
internal import Glibc
internal import HealthServer
internal import Synchronization
internal import Testing

@testable import Agent

@Suite("Health endpoint and hostile clients", .timeLimit(.minutes(1)))
struct HealthEndpointHostileTests {
    /// More than the kernel keeps for both sides of a connection.
    private static let unreadBytes = 16 << 20

    let fixture = HealthPagesFixture()

    /// Runs `body` beside an endpoint, and sees that it still answers afterwards.
    private func serving(
        _ change: (inout PageServerLimits) -> Void = { _ in },
        _ body: (_ port: UInt16) async throws -> Void
    ) async throws {
        var limits = PageServerLimits()
        change(&limits)
        let endpoint = try HealthEndpoint(
            HostAndPort(host: "127.0.0.1", port: 0),
            pages: fixture.pages,
            limits: limits
        )
        endpoint.start { Issue.record("the socket was lost") }
        do {
            try await body(endpoint.port)
            #expect(try await Self.isAnswered(endpoint.port))
        } catch {
            await endpoint.stop()
            throw error
        }
        await endpoint.stop()
    }

    /// Asks until there is an answer: the server may not have seen yet that those who took all places have gone.
    private static func isAnswered(_ port: UInt16) async throws -> Bool {
        let start = ContinuousClock.now
        while start.duration(to: .now) < .seconds(30) {
            var client = try HTTPClient(port: port)
            if (try? client.ask("GET", "/health/liveness"))?.status == 200 { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test(arguments: [
        RawRequest("a TLS greeting", "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\r\n\r\n"),
        RawRequest("no path", "GET\r\n\r\n"),
        RawRequest("no such version", "GET / HTTP/9.9\r\n\r\n"),
        RawRequest("zeros", "\u{0}\u{0}\u{0}\u{0}"),
        RawRequest("a negative length", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        RawRequest("a field without a name", "GET / HTTP/1.1\r\n: x\r\n\r\n"),
        RawRequest("a malformed chunk", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        RawRequest(
            "two lengths",
            "GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        RawRequest("a path over the limit", "GET /\(String(repeating: "a", count: 5000)) HTTP/1.1\r\n\r\n"),
        RawRequest("a field over the limit", "GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 5000))\r\n\r\n"),
        RawRequest("too many fields", "GET / HTTP/1.1\r\n\(String(repeating: "X: a\r\n", count: 65))\r\n"),
        RawRequest(
            "a head over the limit",
            "GET / HTTP/1.1\r\n\(String(repeating: "X: \(String(repeating: "a", count: 1000))\r\n", count: 17))\r\n"
        ),
    ])
    func `what is no HTTP, or has too large a head, is 400 and ends the connection`(request: RawRequest) async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            client.send(request.text)
            #expect(try client.answer().status == 400)
            let isClosed = client.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test func `a body within the limit is thrown away, one over it is 413`() async throws {
        try await serving({ $0.bodyBytes = 100 }) { port in
            var client = try HTTPClient(port: port)
            client.send("GET / HTTP/1.1\r\nContent-Length: 100\r\n\r\n\(String(repeating: "b", count: 100))")
            #expect(try client.answer().status == 200)
            client.send("GET / HTTP/1.1\r\nContent-Length: 101\r\n\r\n\(String(repeating: "b", count: 101))")
            #expect(try client.answer().status == 413)
            let isClosed = client.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test(arguments: [
        RawRequest("nothing", ""), RawRequest("half a head", "GET / HTTP/1.1\r\nHost: "),
        RawRequest("half a body", "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"),
    ])
    func `a request that never ends is given up`(start: RawRequest) async throws {
        try await serving({ $0.requestTimeout = .milliseconds(200) }) { port in
            var client = try HTTPClient(port: port)
            client.send(start.text)
            let isClosed = client.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test func `bytes that trickle in do not prolong the time for a request`() async throws {
        try await serving({ $0.requestTimeout = .milliseconds(300) }) { port in
            let client = try HTTPClient(port: port)
            client.send("GET / HTTP/1.1\r\nX: ")
            let start = ContinuousClock.now
            var isOpen = true
            while isOpen, start.duration(to: .now) < .seconds(10) {
                try await Task.sleep(for: .milliseconds(50))
                isOpen = client.send("a")
            }
            #expect(!isOpen)
        }
    }

    @Test func `an idle connection is closed after its time`() async throws {
        try await serving({ $0.idleTimeout = .milliseconds(200) }) { port in
            var client = try HTTPClient(port: port)
            #expect(try client.ask("GET", "/").status == 200)
            let isClosed = client.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test func `a client that does not take its answer is given up`() async throws {
        fixture.expositionBytes.store(Self.unreadBytes, ordering: .relaxed)
        try await serving({
            $0.connections = 1
            $0.answerTimeout = .milliseconds(200)
        }) { port in
            var slow = try HTTPClient(port: port)
            slow.send("GET /prometheus HTTP/1.1\r\nHost: a\r\n\r\n")
            // Its place is given to another, and the rest of its answer is not kept.
            #expect(try await Self.isAnswered(port))
            #expect(throws: HTTPClient.Failure.self) { try slow.answer() }
        }
    }

    @Test func `a client that asks on and does not read has one answer kept for it, no more`() async throws {
        fixture.expositionBytes.store(Self.unreadBytes, ordering: .relaxed)
        try await serving({ $0.answerTimeout = .seconds(600) }) { port in
            let client = try HTTPClient(port: port)
            let request = "GET /prometheus HTTP/1.1\r\nHost: a\r\n\r\n"
            let start = ContinuousClock.now
            var isOpen = true
            while isOpen, start.duration(to: .now) < .seconds(30) {
                isOpen = client.send(request)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(!isOpen)
        }
    }

    @Test func `clients that hold every connection do so for the time of a request only`() async throws {
        try await serving({
            $0.connections = 4
            $0.requestTimeout = .milliseconds(200)
        }) { port in
            var holders: [Holder] = []
            for _ in 0..<4 { holders.append(Holder(try HTTPClient(port: port))) }
            for holder in holders {
                let isClosed = holder.client.isClosedByServer()
                #expect(isClosed)
            }
            var client = try HTTPClient(port: port)
            #expect(try client.ask("GET", "/").status == 200)
        }
    }

    @Test func `connections that break off at any byte do no harm`() async throws {
        let request = Array("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody".utf8)
        try await serving { port in
            for count in 0...request.count {
                let client = try HTTPClient(port: port)
                client.send(String(decoding: request.prefix(count), as: UTF8.self))
            }
        }
    }
}

/// What a client sends, and a name for it that is fit for a test's output.
struct RawRequest: CustomTestStringConvertible {
    let testDescription: String
    let text: String

    init(_ name: String, _ text: String) {
        testDescription = name
        self.text = text
    }
}

/// A class box, so that an array can hold connections.
private final class Holder {
    var client: HTTPClient
    init(_ client: consuming HTTPClient) { self.client = client }
}
