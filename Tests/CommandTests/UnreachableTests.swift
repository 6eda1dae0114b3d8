import Foundation
import Glibc
import Testing

@Suite("A client whose agent cannot be reached") struct UnreachableTests {
    /// Certificates, and no agent.
    private let workspace: Workspace
    private let environment: [String: String]

    init() throws {
        workspace = try Workspace()
        let folder = workspace.folder.path
        _ = try tacit("certs", "init", folder: folder)
        let issued = try tacit(
            "certs",
            "issue",
            "worker",
            "--identity",
            "spiffe://example.org/tenant/main/service/worker",
            folder: folder
        )
        try #require(issued.status == 0, "\(issued.errors)")
        environment = [
            "TACIT_CERTIFICATE": workspace.path("certs/worker.crt"),
            "TACIT_PRIVATE_KEY": workspace.path("certs/worker.key"),
            "TACIT_CA": workspace.path("certs/ca.crt"),
        ]
    }

    @Test(
        "ends with 3 and asks whether the agent runs",
        arguments: [
            ["get", "X"], ["list"], ["put", "X"], ["delete", "X"], ["whoami"], ["explain", "get", "X"], ["health"],
            ["status"],
            ["exec", "--env", "A=X", "--", "true"],
        ]
    )
    func noAgent(arguments: [String]) throws {
        let variables = environment.merging(["TACIT_SOCKET": "unix://\(workspace.path("nobody.sock"))"]) { $1 }
        let outcome = try Invocation(arguments, input: Data("x".utf8), environment: variables).finish()
        #expect(outcome.status == 3)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("Is the agent running?"))
    }

    @Test("ends with 3 once the time is over")
    func silence() throws {
        let server = try #require(ListeningSocket())
        let outcome = try tacit(
            "get",
            "X",
            "--socket",
            "tcp://127.0.0.1:\(server.port)",
            "--timeout",
            "200ms",
            environment: environment
        )
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("0.2"))
    }

    @Test("ends by the signal that it was sent", arguments: [SIGINT, SIGTERM])
    func signals(number: Int32) throws {
        let server = try #require(ListeningSocket())
        let invocation = try Invocation(
            ["get", "X", "--socket", "tcp://127.0.0.1:\(server.port)"],
            environment: environment
        )
        // It has been started, and main runs, once the binary is mapped and a socket is open.
        #expect(
            invocation.wait {
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(invocation.id)/fd").count) ?? 0 > 3
            }
        )
        invocation.signal(number)
        #expect(try invocation.finish().status == 128 + number)
    }

    @Test("ends with 2 where it does not know who it is or where to go")
    func configuration() throws {
        let nothing = try tacit("get", "X")
        #expect(nothing.status == 2)
        #expect(nothing.errors.contains("--certificate or TACIT_CERTIFICATE"))
        let address = try tacit("get", "X", "--socket", "http://x", environment: environment)
        #expect(address.status == 2)
        #expect(address.errors.contains("unix://"))
        let file = try tacit("get", "X", "--certificate", "/nowhere.crt", environment: environment)
        #expect(file.status == 2)
        #expect(file.errors.contains("/nowhere.crt"))
    }
}
