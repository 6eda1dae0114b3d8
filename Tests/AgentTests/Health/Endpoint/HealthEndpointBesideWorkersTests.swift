import Foundation
import Synchronization
import Testing

@testable import Agent
@testable import Secrets

/// Whoever reaches the health endpoint, which asks nobody who they are, must not be able to disturb those who get secrets.
@Suite("Health endpoint beside workers", .onItsOwnThread, .timeLimit(.minutes(2)))
struct HealthEndpointBesideWorkersTests {
    /// What a client does over and over, each on a thread of its own.
    enum Abuse: String, CaseIterable, CustomTestStringConvertible, Sendable {
        /// A head that never ends, a byte at a time, on as many connections as there may be.
        case slowHeads
        /// Heads of any size but a good one.
        case hugeHeads
        case garbage
        /// Connections that are opened, and closed without a word.
        case manyConnections
        /// The dearest pages, as fast as one can take them.
        case manyPages
        /// Answers that nobody reads.
        case unreadAnswers

        var testDescription: String { rawValue }
    }

    @Test("workers are answered, and no loop stalls, beside", arguments: Abuse.allCases)
    func beside(abuse: Abuse) throws {
        try Node.run { node in
            try node.withEndpoint { port in
                let isOver = Atomic(false)
                let threads = Threads()
                let acts = Atomic(0)
                for _ in 0..<4 {
                    threads.start {
                        while !isOver.load(ordering: .relaxed) {
                            try? Self.act(abuse, port) { isOver.load(ordering: .relaxed) }
                            acts.add(1, ordering: .relaxed)
                        }
                    }
                }
                defer {
                    isOver.store(true, ordering: .relaxed)
                    try? threads.join()
                }
                var worker = try node.caller(Domain.worker)
                let end = BootInstant.now.advanced(by: .milliseconds(1200))
                var slowest: Int64 = 0
                var answers = 0
                while BootInstant.now < end {
                    let start = BootInstant.now
                    #expect(try worker.get("KEY").value() == "KEY")
                    slowest = max(slowest, BootInstant.now.nanoseconds(since: start))
                    answers += 1
                }
                #expect(answers > 10)
                // Not how fast it is, which is a benchmark's business, but that nobody waits for a stranger.
                #expect(slowest < 2_500_000_000)
                #expect(node.health.selfWatch.seen.stalls.stalls == 0)
                #expect(node.health.isAlive)
                isOver.store(true, ordering: .relaxed)
                try threads.join()
                #expect(acts.load(ordering: .relaxed) > 0)
            }
        }
    }

    @Test func `probes are answered again as soon as strangers have left`() throws {
        try Node.run { node in
            try node.withEndpoint { port in
                let strangers = try Sockets(100, at: .tcp(port))
                strangers.close()
                try waitUntil("a place is free") {
                    var client = try HTTPClient(port: port)
                    return (try? client.ask("GET", "/health/liveness"))?.status == 200
                }
            }
        }
    }

    private static func act(_ abuse: Abuse, _ port: UInt16, until isOver: () -> Bool) throws {
        switch abuse {
        case .slowHeads:
            let holders = try (0..<16).map { _ in Holder(try HTTPClient(port: port)) }
            for holder in holders { holder.client.send("GET / HTTP/1.1\r\nX: ") }
            while !isOver() {
                for holder in holders where !holder.client.send("a") { return }
                usleep(10_000)
            }
        case .hugeHeads:
            var client = try HTTPClient(port: port)
            let line = "X: \(String(repeating: "a", count: 3000))\r\n"
            client.send("GET / HTTP/1.1\r\n" + String(repeating: line, count: 1000))
            _ = client.isClosedByServer()
        case .garbage:
            var client = try HTTPClient(port: port)
            let bytes = (0..<4000).map { _ in UInt8.random(in: 0...127) }
            client.send(String(decoding: bytes, as: UTF8.self))
            _ = client.isClosedByServer()
        case .manyConnections: try Sockets(100, at: .tcp(port)).close()
        case .manyPages:
            var client = try HTTPClient(port: port)
            for path in ["/", "/prometheus", "/health"] { _ = try client.ask("GET", path) }
        case .unreadAnswers:
            let client = try HTTPClient(port: port)
            while !isOver(), client.send("GET /prometheus HTTP/1.1\r\nHost: a\r\n\r\n") { usleep(1000) }
        }
    }

    /// A class box, so that an array can hold connections.
    private final class Holder {
        let client: HTTPClient
        init(_ client: consuming HTTPClient) { self.client = client }
    }
}
