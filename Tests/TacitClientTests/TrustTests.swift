import TLS
import Testing
import Wire

@testable import TacitClient

@Suite("Who is trusted")
struct TrustTests {
    /// Takes a ping, where the handshake succeeds.
    private static let pong: ScriptedAgent.Script = { peer in
        try peer.handshake()
        guard let ping = try peer.frame() else { throw Peer.Failure(step: "ping") }
        try peer.send { try $0.appendFrame(.connection(.pong), payload: ping.payload.span) }
    }

    private func connect(_ options: ClientOptions) throws -> ClientError? {
        var client = try TacitClient(options)
        do {
            try client.connect()
            return nil
        } catch { return error }
    }

    @Test func `an agent that trusts another authority refuses, and the client says so`() throws {
        let domain = try TestDomain()
        let other = try TestDomain()
        // A client that wrote at the wrong moment does not see the alert, and asks again.
        let agent = try ScriptedAgent(domain, trusting: other, repeats: true) { peer in
            try peer.refuseHandshake()
            // The alert lies in the client's socket by now; what it writes is not read.
        }
        let error = try connect(domain.options(agent.address))
        guard case .refused(let refusal) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(refusal.status == .unauthenticated && refusal.reason == .certificateRefused)
        #expect(error?.category == .negative)
        #expect(agent.finish() == [])
    }

    @Test func `an agent of another authority is not spoken to`() throws {
        let domain = try TestDomain()
        let other = try TestDomain()
        let agent = try ScriptedAgent(other, trusting: domain) { try $0.refuseHandshake() }
        let error = try connect(domain.options(agent.address))
        guard case .unreachable(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("issued by no authority that is trusted here"))
        #expect(agent.finish() == [])
    }

    @Test func `an agent is held to the identity that is expected of it`() throws {
        let domain = try TestDomain()
        let right = try ScriptedAgent(domain, Self.pong)
        let accepted = try connect(domain.options(right.address, agentIdentity: TestDomain.agentIdentity))
        #expect(accepted == nil)
        #expect(right.finish() == [])
        let wrong = try ScriptedAgent(domain) { try $0.refuseHandshake() }
        let error = try connect(domain.options(wrong.address, agentIdentity: "spiffe://example.org/service/other"))
        #expect(error?.category == .unavailable)
        #expect(wrong.finish() == [])
    }

    @Test func `over TCP the certificate names what was dialled`() throws {
        let domain = try TestDomain(agentNames: ["agent.example.org"])
        let right = try ScriptedAgent(domain, tcp: true, Self.pong)
        let accepted = try connect(domain.options(right.address))
        #expect(accepted == nil)
        #expect(right.finish() == [])
        let wrong = try ScriptedAgent(domain, tcp: true) { try $0.refuseHandshake() }
        guard case .tcp(_, let port) = wrong.address else {
            Issue.record("\(wrong.address)")
            return
        }
        let error = try connect(domain.options(.tcp(host: "localhost", port: port)))
        guard case .unreachable(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("not that of the expected server"))
        #expect(wrong.finish() == [])
    }

    @Test func `where nobody listens, the client says where it looked`() throws {
        let domain = try TestDomain()
        let path = domain.folder + "/nobody.sock"
        let error = try connect(domain.options(.unix(path: path)))
        guard case .unreachable(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains(path) && text.hasSuffix("Is the agent running?"))
        let refused = try connect(domain.options(.tcp(host: "127.0.0.1", port: 1)))
        #expect(refused?.category == .unavailable)
        let nowhere = try connect(domain.options(.tcp(host: "no-such-host.invalid", port: 1)))
        #expect(nowhere?.category == .unavailable)
    }

    @Test func `files that cannot be used are wrong configuration, before anything is dialled`() throws {
        let domain = try TestDomain()
        var options = domain.options(.standard)
        options.privateKey = domain.folder + "/missing.key"
        let error = #expect(throws: ClientError.self) { _ = try TacitClient(options).address }
        guard case .configuration(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("missing.key"))
        #expect(error?.category == .usage)
    }
}
