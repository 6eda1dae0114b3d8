internal import Configuration
internal import Glibc
internal import HealthServer
internal import Synchronization
internal import Testing

@testable import Agent

@Suite("Health endpoint", .timeLimit(.minutes(1)))
struct HealthEndpointTests {
    let fixture = HealthPagesFixture()

    /// Runs `body` beside an endpoint on a port of the kernel's choice.
    private func serving(
        _ host: String = "127.0.0.1",
        _ change: (inout PageServerLimits) -> Void = { _ in },
        _ body: (_ port: UInt16) async throws -> Void
    ) async throws {
        var limits = PageServerLimits()
        change(&limits)
        let endpoint = try HealthEndpoint(HostAndPort(host: host, port: 0), pages: fixture.pages, limits: limits)
        endpoint.start { Issue.record("the socket was lost") }
        do { try await body(endpoint.port) } catch {
            await endpoint.stop()
            throw error
        }
        await endpoint.stop()
    }

    // MARK: Pages

    @Test func `liveness and readiness follow the agent's states`() async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            for path in ["/health/liveness", "/health/readiness"] {
                let answer = try client.ask("GET", path)
                #expect(answer.status == 200)
                #expect(answer.body == "{\"status\":\"UP\"}\n")
                #expect(answer.fields["content-type"] == "application/json")
            }
            fixture.isReady.store(false, ordering: .relaxed)
            #expect(try client.ask("GET", "/health/liveness").status == 200)
            let unready = try client.ask("GET", "/health/readiness")
            #expect(unready.status == 503)
            #expect(unready.body == "{\"status\":\"DOWN\"}\n")
            fixture.isAlive.store(false, ordering: .relaxed)
            #expect(try client.ask("GET", "/health/liveness").status == 503)
        }
    }

    @Test func `the report names each part, and is 503 where one is down`() async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            let good = try client.ask("GET", "/health")
            #expect(good.status == 200)
            #expect(good.body.contains("\"loops\":{\"name\":\"loops\",\"status\":\"UP\""))
            #expect(good.body.contains("\"count\":7"))
            fixture.status.withLock { $0 = .down }
            let bad = try client.ask("GET", "/health?verbose")
            #expect(bad.status == 503)
            #expect(bad.body.contains("\"status\":\"DOWN\""))
        }
    }

    @Test func `what names something is not shown to whoever asks`() async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            for path in ["/health", "/"] {
                let answer = try client.ask("GET", path)
                #expect(answer.body.contains("count"))
                #expect(!answer.body.contains("company"))
                #expect(!answer.body.contains("sqlite"))
            }
        }
    }

    @Test func `metrics are plain text and the page for people escapes what it shows`() async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            let metrics = try client.ask("GET", "/prometheus")
            #expect(metrics.status == 200)
            #expect(metrics.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.body == "mmmmmmmmmm")
            let page = try client.ask("GET", "/")
            #expect(page.status == 200)
            #expect(page.fields["content-type"] == "text/html; charset=utf-8")
            #expect(page.body.contains("<dt>word</dt><dd>&lt;&quot;&amp;&gt;</dd>"))
        }
    }

    @Test(arguments: ["/healthz", "/health/", "/prometheus/x", "//", "*"])
    func `a path that nothing lives under is 404`(path: String) async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            #expect(try client.ask("GET", path).status == 404)
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
    func `a method other than GET is 405 and ends the connection`(method: String) async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            let answer = try client.ask(method, "/health", fields: "Content-Length: 0\r\n")
            #expect(answer.status == 405)
            #expect(answer.fields["allow"] == "GET")
            let isClosed = client.isClosedByServer()
            #expect(isClosed)
        }
    }

    // MARK: Connections

    @Test func `requests that are sent ahead are answered in order`() async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            client.send(
                "GET /health/liveness HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            #expect(try client.answer().status == 200)
            #expect(try client.answer().status == 404)
        }
    }

    @Test(arguments: [
        RawRequest("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"),
        RawRequest("HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    ])
    func `a client that does not keep its connection gets an answer and an end`(request: RawRequest) async throws {
        try await serving { port in
            var client = try HTTPClient(port: port)
            client.send(request.text)
            #expect(try client.answer().status == 200)
            let isClosed = client.isClosedByServer()
            #expect(isClosed)
        }
    }

    @Test func `one connection more than the limit is closed at once, and the others live`() async throws {
        try await serving("127.0.0.1", { $0.connections = 2 }) { port in
            var first = try HTTPClient(port: port)
            #expect(try first.ask("GET", "/").status == 200)
            do {
                var second = try HTTPClient(port: port)
                #expect(try second.ask("GET", "/").status == 200)
                var third = try HTTPClient(port: port)
                let isClosed = third.isClosedByServer()
                #expect(isClosed)
                #expect(try second.ask("GET", "/").status == 200)
                second.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let hasLeft = second.isClosedByServer()
                #expect(hasLeft)
            }
            // The place is free before the client sees the end.
            var next = try HTTPClient(port: port)
            #expect(try next.ask("GET", "/").status == 200)
            #expect(try first.ask("GET", "/").status == 200)
        }
    }

    @Test func `stopping ends open connections and gives the port back`() async throws {
        let address = HostAndPort(host: "127.0.0.1", port: 0)
        let endpoint = try HealthEndpoint(address, pages: fixture.pages, limits: PageServerLimits())
        let port = endpoint.port
        endpoint.start { Issue.record("the socket was lost") }
        var client = try HTTPClient(port: port)
        #expect(try client.ask("GET", "/").status == 200)
        await endpoint.stop()
        let isClosed = client.isClosedByServer()
        #expect(isClosed)
        let again = try HealthEndpoint(
            HostAndPort(host: "127.0.0.1", port: port),
            pages: fixture.pages,
            limits: PageServerLimits()
        )
        #expect(again.port == port)
        await again.stop()
    }

    // MARK: Addresses

    @Test func `it listens on IPv6`() async throws {
        try await serving("::1") { port in
            var client = try HTTPClient(port: port, isIPv6: true)
            #expect(try client.ask("GET", "/health/readiness").status == 200)
        }
    }

    @Test func `localhost is 127.0.0.1`() async throws {
        try await serving("localhost") { port in
            var client = try HTTPClient(port: port)
            #expect(try client.ask("GET", "/health/readiness").status == 200)
        }
    }

    @Test func `an address in use stops the start and is named`() async throws {
        try await serving { port in
            let error = #expect(throws: AgentFailure.self) {
                try HealthEndpoint(
                    HostAndPort(host: "127.0.0.1", port: port),
                    pages: fixture.pages,
                    limits: PageServerLimits()
                )
            }
            #expect(
                error?.description
                    == "tacit.health.address: cannot listen on 127.0.0.1:\(port): Address already in use"
            )
        }
    }

    @Test(arguments: ["192.0.2.1", "no-such-name.invalid"])
    func `an address of another machine stops the start`(host: String) {
        let error = #expect(throws: AgentFailure.self) {
            try HealthEndpoint(
                HostAndPort(host: host, port: 0),
                pages: fixture.pages,
                limits: PageServerLimits()
            )
        }
        #expect(error?.description.hasPrefix("tacit.health.address: cannot listen on \(host):0: ") == true)
    }
}
