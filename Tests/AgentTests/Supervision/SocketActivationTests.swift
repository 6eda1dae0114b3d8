import Foundation
import Testing
import Wire

@testable import TLS

@Suite("An agent whose sockets are opened by its service manager", .onItsOwnThread)
struct SocketActivationTests {
    @Test func `it serves what it was passed, opens the rest itself, and leaves the passed ones as they are`() throws {
        let (tcp, port) = try ServiceManager.listenTCP()
        let agent = try Program(
            managed: { workspace in
                let unix = try ServiceManager.listen(at: workspace.path("agent.sock"))
                return try ServiceManager(workspace, sockets: [tcp, unix], variables: ["LISTEN_FDNAMES": "net:local"])
            },
            waits: true
        ) { configuration, domain in
            let addresses = [
                "unix://\(domain.workspace.path("own.sock"))", "unix://\(domain.workspace.path("agent.sock"))",
                "tcp://127.0.0.1:\(port)",
            ]
            configuration.listeners = "[" + addresses.map { "{address: '\($0)'}" }.joined(separator: ", ") + "]"
        }
        let own = Endpoint.unix(agent.workspace.path("own.sock"))
        for endpoint in [agent.unix, own, .tcp(port)] {
            let context = try ClientContext(files: agent.domain.client(Domain.worker))
            var caller = try Caller(endpoint, context)
            #expect(try caller.get(Program.key).value() == Program.value)
        }
        #expect(try mode(agent.workspace.path("agent.sock")) == 0o640)
        #expect(try mode(agent.workspace.path("own.sock")) == 0o660)
        #expect(try agent.end() == 0)
        #expect(try mode(agent.workspace.path("agent.sock")) == 0o640)
        #expect(throws: (any Error).self) { try mode(agent.workspace.path("own.sock")) }
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? Int ?? 0) & 0o777
    }

    @Test func `who connects while there is no agent is served by the next one`() throws {
        let agent = try Program(managed: { workspace in
            try ServiceManager(workspace, sockets: [ServiceManager.listen(at: workspace.path("agent.sock"))])
        })
        #expect(try agent.end() == 0)
        let context = try ClientContext(files: agent.domain.client(Domain.worker))
        let unix = agent.unix
        let values = Recorded<String>()
        let threads = Threads()
        for _ in 0..<20 {
            threads.start {
                var caller = try Caller(unix, context)
                values.append(try caller.get(Program.key).value())
            }
        }
        try agent.restart()
        try threads.join()
        #expect(values.all == Array(repeating: Program.value, count: 20))
        #expect(try agent.end() == 0)
    }

    /// What is passed and cannot be served, and the words about it.
    enum Wrong: CaseIterable {
        case noListenerHasIt, doesNotListen, isNoStream, isNoSocket, isMissing, isTCPOfNobody
    }

    @Test(arguments: Wrong.allCases) func `what it cannot serve is refused by name, for good`(_ wrong: Wrong) throws {
        var words: [String] = []
        let agent = try Program(
            managed: { workspace in
                let other = workspace.path("other.sock")
                var sockets: [CInt] = []
                switch wrong {
                case .noListenerHasIt:
                    sockets = [try ServiceManager.listen(at: other)]
                    words = ["the descriptor 3 (odd)", "unix://\(other)", "tacit.listeners"]
                case .doesNotListen:
                    sockets = [try ServiceManager.listen(at: other, backlog: nil)]
                    words = ["the descriptor 3 (odd)", "unix://\(other)", "does not listen"]
                case .isNoStream:
                    sockets = [try ServiceManager.listen(at: other, kind: SOCK_DGRAM, backlog: nil)]
                    words = ["the descriptor 3 (odd)", "stream socket"]
                case .isNoSocket:
                    sockets = [unsafe open("/dev/null", O_RDWR | O_CLOEXEC)]
                    words = ["the descriptor 3 (odd)", "is no socket"]
                case .isMissing:
                    sockets = [try ServiceManager.listen(at: workspace.path("agent.sock"))]
                    words = ["the descriptor 4", "is no socket"]
                case .isTCPOfNobody:
                    let (tcp, port) = try ServiceManager.listenTCP()
                    sockets = [tcp]
                    words = ["tcp://127.0.0.1:\(port)", "no listener of its own has that address"]
                }
                var variables = ["LISTEN_FDNAMES": "odd"]
                if wrong == .isMissing { variables["LISTEN_FDS"] = "2" }
                return try ServiceManager(workspace, sockets: sockets, variables: variables)
            },
            waits: false
        )
        #expect(try agent.awaitEnd() == 2)
        for word in words { #expect(agent.log.contains(word), "\(agent.log)") }
        #expect(agent.manager?.count("READY=1") == 0)
    }

    @Test(.enabled(if: unsafe access("/usr/bin/systemd-socket-activate", X_OK) == 0, "systemd is not installed"))
    func `systemd's own tool starts it with the first connection, which is served`() throws {
        let workspace = try Workspace()
        let domain = try Domain(in: workspace)
        try domain.issueAgent()
        var configuration = Program.Configuration(audit: workspace.path("audit.jsonl"))
        configuration.memory = "{lock: preferred}"
        try workspace.write(Program.text(configuration, workspace, domain), to: "agent.yaml")
        let socket = workspace.path("agent.sock")
        let activator = Process()
        activator.executableURL = URL(fileURLWithPath: "/usr/bin/systemd-socket-activate")
        activator.arguments = [
            "-l", socket, "-E", "SECRET_\(Program.key)=\(Data(Program.value.utf8).base64EncodedString())",
            try Program.executable(), "agent", "-c", workspace.path("agent.yaml"),
        ]
        try workspace.write("", to: "log")
        activator.standardError = FileHandle(forWritingAtPath: workspace.path("log"))
        activator.standardInput = FileHandle.nullDevice
        activator.standardOutput = FileHandle.nullDevice
        try activator.run()
        defer { if activator.isRunning { kill(activator.processIdentifier, SIGKILL) } }
        try waitUntil("it listens") { unsafe access(socket, F_OK) == 0 }
        // The agent takes the tool's place, so this is its first caller.
        var caller = try Caller(.unix(socket), ClientContext(files: domain.client(Domain.worker)))
        #expect(try caller.get(Program.key).value() == Program.value)
        activator.terminate()
        activator.waitUntilExit()
        #expect(activator.terminationStatus == 0)
        #expect(workspace.text("log").contains("ended"))
        #expect(unsafe access(socket, F_OK) == 0)
    }
}
