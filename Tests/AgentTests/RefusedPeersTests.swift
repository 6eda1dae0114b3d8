import COpenSSL
import Glibc
import SeededGenerator
import Testing

@testable import Agent
@testable import TLS

@Suite("An agent and peers that it does not let in", .onItsOwnThread)
struct RefusedPeersTests {
    /// What a refusal leaves behind: one record, and one line of the log.
    private func expectOne(_ reason: String, _ node: Node, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let wanted = ["operation": "connect", "decision": "deny"]
        try waitUntil("a refusal is recorded") { !node.trail.records(wanted).isEmpty }
        let records = node.trail.records(wanted)
        #expect(records.map { $0["reason"] } == [reason], sourceLocation: sourceLocation)
        #expect(records.allSatisfy { $0["peer"] != nil }, sourceLocation: sourceLocation)
        #expect(node.log.lines("a handshake was refused").count == 1, sourceLocation: sourceLocation)
        #expect(node.log.lines("reason=\(reason.lowercased())").count == 1, sourceLocation: sourceLocation)
        #expect(node.connections == 0, sourceLocation: sourceLocation)
    }

    /// Shows a certificate at both sockets, each of an agent of its own.
    private func refuse(
        _ reason: String,
        _ alert: Alert,
        identity: String? = Domain.worker,
        revoked: Bool = false,
        _ issue: (Domain) throws -> TLSFiles
    ) throws {
        for isTCP in [false, true] {
            var files: TLSFiles?
            try Node.run { choices, domain in
                let issued = try issue(domain)
                files = issued
                if revoked { choices.revocationList = try domain.revoke([issued]) }
            } _: { node in
                let client = RawHandshake(certificate: files)
                #expect(try client.attempt(at: isTCP ? node.tcp : node.unix).alert == alert)
                try expectOne(reason, node)
                let record = try #require(node.trail.records(["operation": "connect"]).first)
                // Nobody has vouched for the name, but it is what the operator looks for.
                #expect(record["identity"] == identity)
                #expect(record["peer"]?.hasPrefix(isTCP ? "127.0.0.1" : "pid:\(getpid()),uid:\(getuid())") == true)
            }
        }
    }

    // MARK: Certificates

    @Test func `an expired certificate is refused`() throws {
        try refuse("EXPIRED", .certificateExpired) { domain in
            try domain.issue(Domain.client(Domain.worker, validity: Domain.days(-2, -1)), as: "bad")
        }
    }

    @Test func `a certificate that is not yet valid is refused`() throws {
        try refuse("NOT_YET_VALID", .badCertificate) { domain in
            try domain.issue(Domain.client(Domain.worker, validity: Domain.days(1, 2)), as: "bad")
        }
    }

    @Test func `a certificate of another authority is refused`() throws {
        try refuse("UNKNOWN_AUTHORITY", .unknownAuthority) { domain in
            try Domain("strangers", in: domain.workspace)
                .issue(Domain.client(Domain.worker), as: "bad", trusting: domain)
        }
    }

    @Test func `a revoked certificate is refused`() throws {
        try refuse("REVOKED", .certificateRevoked, revoked: true) { try $0.client(Domain.worker, as: "bad") }
    }

    @Test func `a certificate without a SPIFFE ID is refused`() throws {
        try refuse("NO_SPIFFE_ID", .badCertificate, identity: nil) { domain in
            var request = try Domain.client(Domain.worker)
            request.uris = []
            return try domain.issue(request, as: "bad")
        }
    }

    @Test func `a certificate with two SPIFFE IDs is refused`() throws {
        try refuse("SEVERAL_SPIFFE_IDS", .badCertificate, identity: nil) { domain in
            var request = try Domain.client(Domain.worker)
            request.uris.append(Domain.operatorIdentity)
            return try domain.issue(request, as: "bad")
        }
    }

    @Test(arguments: [[Purpose.server], []])
    func `a certificate that is not for clients is refused`(_ purposes: Set<Purpose>) throws {
        try refuse("WRONG_PURPOSE", .unsupportedCertificate) { domain in
            var request = try Domain.client(Domain.worker)
            request.purposes = purposes
            return try domain.issue(request, as: "bad")
        }
    }

    @Test func `a peer without a certificate is refused`() throws {
        try Node.run { node in
            #expect(try RawHandshake().attempt(at: node.unix).alert == .certificateRequired)
            try expectOne("NO_CERTIFICATE", node)
        }
    }

    // MARK: Handshakes

    @Test func `a peer that speaks nothing newer than TLS 1,2 is refused`() throws {
        try Node.run { node in
            let client = RawHandshake(certificate: try node.domain.client(Domain.worker), newest: TLS1_2_VERSION)
            #expect(try client.attempt(at: node.tcp).alert == .protocolVersion)
            try expectOne("PROTOCOL_VERSION", node)
        }
    }

    @Test(arguments: [nil, "h2", "tacit/2", "tacit/1.0"])
    func `a peer that does not offer the protocol is refused`(_ offered: String?) throws {
        try Node.run { node in
            let client = RawHandshake(certificate: try node.domain.client(Domain.worker), protocols: offered)
            #expect(try client.attempt(at: node.unix).alert == .noApplicationProtocol)
            try expectOne("NO_PROTOCOL", node)
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n", String(repeating: "\u{0}", count: 64),
        "\u{16}\u{3}\u{1}\u{7f}\u{7f}\u{1}\u{0}\u{0}",
    ])
    func `what is no TLS is refused`(_ greeting: String) throws {
        try Node.run { node in
            let socket = try PlainSocket(node.tcp)
            socket.send(Array(greeting.utf8))
            _ = try socket.readToEnd()
            try expectOne("NOT_TLS", node)
        }
    }

    @Test func `noise is refused`() throws {
        var random = SeededGenerator(seed: 20)
        try Node.run { node in
            let rounds = 60
            for _ in 0..<rounds {
                let socket = try PlainSocket(node.unix)
                socket.send(
                    (0..<Int.random(in: 16...4096, using: &random)).map { _ in .random(in: 0...255, using: &random) }
                )
                shutdown(socket.descriptor, CInt(SHUT_WR))
                _ = try socket.readToEnd()
            }
            let wanted = ["operation": "connect", "decision": "deny"]
            try waitUntil("all are recorded") { node.trail.records(wanted).count == rounds }
            // Some of it is TLS for as long as it takes to be refused for something else.
            #expect(node.trail.records.count == rounds)
        }
    }

    @Test(arguments: [0, 1, 5, 40])
    func `a handshake that stands still is ended at its deadline`(_ byteCount: Int) throws {
        try Node.run { choices, _ in
            choices.limits.handshakeTimeout = .milliseconds(300)
        } _: { node in
            let socket = try PlainSocket(node.tcp)
            socket.send(Array(helloStart.prefix(byteCount)))
            _ = try socket.readToEnd()
            try expectOne("OTHER", node)
            #expect(node.log.lines("it took longer than 0.3 seconds").count == 1)
        }
    }

    @Test func `a peer that hangs up in its handshake is recorded`() throws {
        try Node.run { node in
            do {
                let socket = try PlainSocket(node.tcp)
                socket.send(helloStart)
            }
            try expectOne("CLOSED", node)
        }
    }

    /// The beginning of a record with a greeting, which announces more than ever comes.
    private var helloStart: [UInt8] { [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3] + [UInt8](repeating: 7, count: 40) }

    // MARK: Many of them

    @Test func `handshakes that are opened and left give way to one that goes on`() throws {
        try Node.run { choices, _ in
            choices.limits.handshakes = 8
            choices.limits.handshakeTimeout = .seconds(300)
        } _: { node in
            // Five times as many as there are places, each of them held for far longer than this test may take.
            let idle = try Sockets(40, at: node.tcp)
            var good = try node.caller(Domain.worker, over: node.tcp)
            #expect(try good.get("A").value() == "A")
            let dismissed = node.trail.records(["operation": "connect", "reason": "OTHER"])
            #expect(dismissed.count >= 40 - 8)
            #expect(node.log.lines("too many were at their handshakes").count > 0)
            idle.close()
        }
    }

    @Test func `handshakes are begun no faster than the limit`() throws {
        let (perSecond, count) = (10, 30)
        try Node.run { choices, _ in
            choices.limits.handshakesPerSecond = perSecond
        } _: { node in
            let context = try node.context(Domain.worker)
            let start = ContinuousClock.now
            for _ in 0..<count {
                var caller = try Caller(node.unix, context)
                #expect(try caller.get("A").value() == "A")
            }
            // A burst of as many as a second's share is saved up; the others have to wait. A slow machine only adds to it.
            let least = Duration.seconds(count - perSecond) / perSecond
            #expect(ContinuousClock.now - start >= least * 0.9)
        }
    }
}
