import Liveness
import Synchronization
import TLS
import TacitClient
import Testing
import Wire

@testable import Agent
@testable import Secrets

@Suite("An agent that is watched", .onItsOwnThread)
struct WatchHealthTests {
    private func watch(_ caller: inout Caller, every interval: UInt64) throws -> UInt32 {
        let id = caller.nextID()
        try caller.send {
            try $0.appendFrame(.request(.watchHealth, id: id), WatchHealthView(interval: interval))
        }
        return id
    }

    @Test func `reports come at once and then at intervals, until the client cancels`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.operatorIdentity)
            let id = try watch(&caller, every: 250)
            for _ in 0..<4 {
                let item = try caller.frame()
                #expect(item.header.kind == .item)
                #expect(item.header.id == id)
                #expect(try HealthAnswer(decoding: item.payload.span).status == "UP")
            }
            try caller.send { try $0.appendFrame(FrameHeader(payloadCount: 0, id: id, kind: .cancel), EmptyMessage()) }
            var last = try caller.frame()
            while last.header.kind == .item { last = try caller.frame() }
            #expect(last.header.kind == .response)
            #expect(last.header.id == id)
            #expect(last.header.status == .cancelled)
            // The id is free again.
            #expect(try caller.call(.health, EmptyMessage()).header.status == .ok)
        }
    }

    @Test func `an executor without the grant is denied, and the number of streams is bounded`() throws {
        try Node.run { node in
            var stranger = try node.caller("spiffe://example.org/stranger")
            let id = try watch(&stranger, every: 0)
            let refused = try stranger.frame()
            #expect(refused.header.id == id)
            #expect(refused.header.status == .permissionDenied)
            var caller = try node.caller(Domain.operatorIdentity)
            var open: Set<UInt32> = []
            for _ in 0..<4 { open.insert(try watch(&caller, every: 60_000)) }
            let fifth = try watch(&caller, every: 60_000)
            for _ in 0..<5 {
                let frame = try caller.frame()
                if frame.header.id == fifth {
                    #expect(frame.header.status == .resourceExhausted)
                } else {
                    #expect(open.remove(frame.header.id) != nil)
                }
            }
            #expect(open.isEmpty)
            #expect(try caller.call(.watchHealth, WatchHealthView(interval: 1)).header.status == .invalidArgument)
        }
    }

    @Test func `a stream ends with the reason when the agent goes`() throws {
        try Node.run(servesAfterwards: false) { node in
            var caller = try node.caller(Domain.operatorIdentity)
            let id = try watch(&caller, every: 60_000)
            _ = try caller.frame()
            node.drain()
            var reasons: [Reason] = []
            while let frame = try caller.next() {
                if frame.header.kind == .response {
                    #expect(frame.header.id == id)
                    #expect(frame.header.status == .unavailable)
                }
                if let reason = frame.reason { reasons.append(reason) }
            }
            #expect(reasons == [.shuttingDown, .shuttingDown])
        }
    }

    @Test func `a lost instance's stream ends`() throws {
        try Node.run { choices, _ in
            choices.liveness.interval = .milliseconds(20)
            choices.liveness.initialDelay = .zero
            choices.liveness.restartStrategy = .immediately
        } _: { node in
            var caller = try node.caller(Domain.operatorIdentity)
            let beat = HeartbeatView(
                instance: HeartbeatView.Instance(id: "o".utf8.span, type: "".utf8.span, state: "".utf8.span),
                heartbeatInterval: 50,
                timeout: 200
            )
            #expect(try caller.call(.heartbeat, beat).header.status == .ok)
            let id = try watch(&caller, every: 60_000)
            _ = try caller.frame()
            let last = try caller.frame()
            #expect(last.header.id == id)
            #expect(last.header.kind == .response)
            #expect(last.reason?.rawValue == "INSTANCE_ENDED")
        }
    }

    @Test
    func `the client library follows the agent's health, stops when it has enough, and goes on with the connection`()
        throws
    {
        try Node.run(servesAfterwards: false) { node in
            let files = try node.domain.client(Domain.operatorIdentity, as: "library")
            var client = try TacitClient(
                ClientOptions(
                    address: .unix(path: node.workspace.path("agent.sock")),
                    certificate: files.certificate,
                    privateKey: files.privateKey,
                    authority: files.authority
                )
            )
            var reports: [String] = []
            try client.watchHealth(every: .milliseconds(250)) { health in
                reports.append(health.status.rawValue)
                return reports.count < 3
            }
            #expect(reports.count == 3)
            #expect(try client.health().parts.isEmpty == false)
            // Where the agent ends it, the reason is told.
            let error = #expect(throws: ClientError.self) {
                try client.watchHealth(every: .seconds(60)) { _ in
                    node.drain()
                    return true
                }
            }
            #expect(
                error?.description.contains("SHUTTING_DOWN") == true
                    || "\(String(describing: error))".contains("shutting")
            )
        }
    }
}
