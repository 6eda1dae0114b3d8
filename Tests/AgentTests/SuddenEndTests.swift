import Glibc
import Testing
import Wire

@testable import TLS

@Suite("An agent, and processes that end", .onItsOwnThread)
struct SuddenEndTests {
    @Test func `a client that is killed in the middle of a request leaves nothing behind but its record`() throws {
        try Node.run { node in
            node.backend.hold("HELD")
            let files = try node.domain.client(Domain.worker)
            for round in 1...3 {
                let pid = try Program.spawn(
                    [
                        "get", "HELD", "-n", "company.team", "--socket", "unix://\(node.workspace.path("agent.sock"))",
                        "--certificate", files.certificate, "--private-key", files.privateKey, "--ca", files.authority,
                    ],
                    in: node.workspace.folder
                )
                try waitUntil("it waits") { node.pending == 1 }
                kill(pid, SIGKILL)
                var status: CInt = 0
                #expect(unsafe waitpid(pid, &status, 0) == pid)
                try waitUntil("the connection is gone") { node.connections == 0 }
                #expect(node.pending == 0)
                try waitUntil("it is recorded") { node.trail.records(["key": "HELD"]).count >= round }
                let records = node.trail.records(["key": "HELD"])
                #expect(records.map { $0["reason"] } == Array(repeating: "CANCELLED", count: round))
                #expect(records.last?["peer"]?.hasPrefix("pid:\(pid),") == true)
            }
            try waitUntil("the manager is asked") { node.backend.reads("HELD") > 0 }
            #expect(node.backend.reads("HELD") == 1)
        }
    }

    @Test func `an agent that is asked to end says so, and ends with 0`() throws {
        let agent = try Program()
        var callers: [Box] = []
        for _ in 0..<5 {
            let box = Box(try agent.caller())
            #expect(try box.caller.get(Program.key).value() == Program.value)
            callers.append(box)
        }
        #expect(try agent.end() == 0)
        for box in callers { #expect(try box.caller.farewell() == .shuttingDown) }
        #expect(agent.log.contains("ended"))
        #expect(unsafe access(agent.workspace.path("agent.sock"), F_OK) != 0)
    }

    @Test func `an agent that was killed leaves a socket that the next one takes over`() throws {
        let agent = try Program()
        kill(agent.pid, SIGKILL)
        try waitUntil("it is gone") { (try? agent.caller()) == nil }
        try agent.restart()
        var caller = try agent.caller()
        #expect(try caller.get(Program.key).value() == Program.value)
        #expect(try agent.end() == 0)
    }

    /// The way of a connection into an array.
    private final class Box {
        var caller: Caller
        init(_ caller: consuming Caller) { self.caller = caller }
    }
}
