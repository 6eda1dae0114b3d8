import Foundation
import ManagerFakes
import Testing

@Suite("tacit check") struct CheckTests {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func check(_ text: String, _ more: String..., environment: [String: String] = [:]) throws -> Outcome {
        let file = try workspace.write(text, to: "agent.yaml")
        return try Invocation(["check", "-c", file] + more, environment: environment, folder: workspace.folder.path)
            .finish()
    }

    private func store(_ path: String) -> String {
        "kestra: {secret: {type: sqlite, sqlite: {path: \(path), secret: \"${STORE_SECRET}\"}}}\n"
    }

    @Test("prints the effective configuration with secrets masked")
    func effective() throws {
        let outcome = try check(store("secrets.db"), environment: ["STORE_SECRET": RunningAgent.storeSecret])
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("expire-after-write"))
        #expect(outcome.text.contains("********"))
        #expect(!outcome.text.contains(RunningAgent.storeSecret))
        #expect(!outcome.errors.contains(RunningAgent.storeSecret))
    }

    @Test("says on standard error what could be done better")
    func warnings() throws {
        let outcome = try check(
            "kestra: {secret: {type: sqlite, sqlite: {path: secrets.db, secret: \(RunningAgent.storeSecret)}}, server-type: STANDALONE}\n"
        )
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("warning: "))
        #expect(!outcome.errors.contains(RunningAgent.storeSecret))
    }

    @Test("lists everything that is wrong, and ends with 2")
    func problems() throws {
        let outcome = try check("tacit:\n  lissteners: []\n  health: {address: 7}\nkestra:\n  secret: {type: sqlit}\n")
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("agent.yaml:2: tacit.lissteners"))
        #expect(outcome.errors.contains("did you mean \"listeners\"?"))
        #expect(outcome.errors.contains("tacit.health.address"))
        #expect(outcome.errors.contains("did you mean \"sqlite\"?"))
    }

    @Test("merges files in order, and reads standard input")
    func merging() throws {
        let first = try workspace.write("tacit: {node: first}\n" + store("secrets.db"), to: "first.yaml")
        let outcome = try tacit(
            "check",
            "-c",
            first,
            "-c",
            "-",
            input: Data("tacit: {node: second}\n".utf8),
            environment: ["STORE_SECRET": RunningAgent.storeSecret]
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text.contains("node: second"))
    }

    @Test("ends with 2 where there is no such file")
    func absent() throws {
        let outcome = try tacit("check", "-c", "/nowhere.yaml")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("/nowhere.yaml"))
    }

    @Test("--connect logs in to a manager, and says what it refuses", arguments: FakeServer.Kind.allCases)
    func connectToManager(kind: FakeServer.Kind) throws {
        let folder = workspace.folder.path
        _ = try tacit("certs", "init", folder: folder)
        let identity = ["--identity", "spiffe://example.org/agent", "--dns", "localhost"]
        _ = try Invocation(["certs", "issue", "agent"] + identity, folder: folder).finish()
        let tls =
            "tacit: {tls: {certificate: certs/agent.crt, private-key: certs/agent.key, client-ca: certs/ca.crt}}\n"
        let fake = try FakeServer(kind)
        let good = try check(tls + "kestra: {secret: \(fake.secret())}\n", "--connect")
        #expect(good.status == 0, "\(good.errors)")
        #expect(good.errors.contains("(\(fake.type)): connected"))
        try fake.fault([.azure, .google, .elasticsearch].contains(kind) ? "refuse-login" : "expired-token", times: 0)
        let refused = try check(tls + "kestra: {secret: \(fake.secret())}\n", "--connect")
        #expect(refused.status == 2, "\(refused.errors)")
        #expect(refused.errors.contains("(\(fake.type))"))
        fake.stop()
        let away = try check(tls + "kestra: {secret: \(fake.secret())}\n", "--connect")
        #expect(away.status != 0)
    }

    @Test("--connect reads the certificates and opens the store")
    func connect() throws {
        let folder = workspace.folder.path
        _ = try tacit("certs", "init", folder: folder)
        _ = try tacit(
            "certs",
            "issue",
            "agent",
            "--identity",
            "spiffe://example.org/agent",
            "--dns",
            "localhost",
            folder: folder
        )
        let tls =
            "tacit: {tls: {certificate: certs/agent.crt, private-key: certs/agent.key, client-ca: certs/ca.crt}}\n"
        let good = try check(
            tls + store("secrets.db"),
            "--connect",
            environment: ["STORE_SECRET": RunningAgent.storeSecret]
        )
        #expect(good.status == 0, "\(good.errors)")
        #expect(good.errors.contains("connected"))
        let wrong = try check(
            tls + store("secrets.db"),
            "--connect",
            environment: ["STORE_SECRET": "YW5vdGhlciBzZWNyZXQgYW5vdGhlciBzZWNyZXQgYW4="]
        )
        #expect(wrong.status == 2)
        #expect(wrong.errors.contains("sqlite"))
        let bare = try check(store("secrets.db"), "--connect", environment: ["STORE_SECRET": RunningAgent.storeSecret])
        #expect(bare.status == 2)
        #expect(bare.errors.contains("/etc/tacit/tls"))
    }
}
