import Foundation
import Glibc
import Testing

/// An agent process with an embedded store, and certificates for everybody, made by the program itself.
final class RunningAgent: Sendable {
    let workspace: Workspace
    let unix: String
    let tcp: String
    let health: String
    private let invocation: Invocation

    /// Starts, and waits until it serves.
    init() throws {
        workspace = try Workspace()
        let ports = try Self.freePorts()
        unix = "unix://\(workspace.path("agent.sock"))"
        tcp = "tcp://127.0.0.1:\(ports[0])"
        health = "127.0.0.1:\(ports[1])"
        try Self.issueCertificates(in: workspace)
        let configuration = try workspace.write(Self.configuration(workspace, unix, tcp, health), to: "agent.yaml")
        invocation = try Invocation(["agent", "-c", configuration], environment: ["STORE_SECRET": Self.storeSecret])
        let socket = workspace.path("agent.sock")
        let address = health
        let isReady = invocation.wait {
            FileManager.default.fileExists(atPath: socket)
                && (try? tacit("health", "--ready", "--address", address).status) == 0
        }
        guard isReady else { throw StartFailure(log: invocation.errorsSoFar) }
    }

    struct StartFailure: Error { let log: String }

    /// Asks it to end.
    func stop() throws -> Outcome {
        invocation.signal(SIGTERM)
        return try invocation.finish()
    }

    var audit: String { (try? String(contentsOfFile: workspace.path("audit.jsonl"), encoding: .utf8)) ?? "" }

    /// The variables of a client.
    func environment(_ who: String, over address: String? = nil) -> [String: String] {
        [
            "TACIT_SOCKET": address ?? unix,
            "TACIT_CERTIFICATE": workspace.path("certs/\(who).crt"),
            "TACIT_PRIVATE_KEY": workspace.path("certs/\(who).key"),
            "TACIT_CA": workspace.path("certs/ca.crt"),
        ]
    }

    /// Runs a client as somebody.
    func run(
        _ who: String,
        _ arguments: String...,
        input: Data = Data(),
        over address: String? = nil,
        environment: [String: String] = [:]
    ) throws -> Outcome {
        let variables = self.environment(who, over: address).merging(environment) { $1 }
        return try Invocation(arguments, input: input, environment: variables).finish()
    }

    /// Stores a value as the operator.
    func store(_ value: Data, as key: String, in namespace: String = "company.team") throws {
        let outcome = try run("operator", "put", key, "-n", namespace, "--allow-empty", input: value)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    func store(_ value: String, as key: String, in namespace: String = "company.team") throws {
        try store(Data(value.utf8), as: key, in: namespace)
    }

    // MARK: Parts

    /// 32 bytes; it opens nothing but stores of these tests.
    static let storeSecret = "b3BlbiBzZXNhbWUgb3BlbiBzZXNhbWUgb3BlbiBzZXM="

    private static func issueCertificates(in workspace: Workspace) throws {
        let folder = workspace.path("certs")
        let main = "spiffe://example.org/tenant/main/service"
        let calls = [
            ["init", "--trust-domain", "example.org"],
            ["issue", "agent", "--identity", "spiffe://example.org/agent", "--dns", "localhost", "--ip", "127.0.0.1"],
            ["issue", "worker", "--identity", "\(main)/worker"],
            ["issue", "executor", "--identity", "\(main)/executor"],
            ["issue", "stranger", "--identity", "spiffe://example.org/nobody"],
            ["issue", "operator", "--identity", "spiffe://example.org/operator/tests"],
        ]
        for call in calls {
            let outcome = try Invocation(["certs"] + call + ["--directory", folder]).finish()
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
    }

    private static func configuration(
        _ workspace: Workspace,
        _ unix: String,
        _ tcp: String,
        _ health: String
    ) -> String {
        """
        tacit:
          node: tests
          listeners:
            - address: \(unix)
            - address: \(tcp)
          tls:
            certificate: \(workspace.path("certs/agent.crt"))
            private-key: \(workspace.path("certs/agent.key"))
            client-ca: \(workspace.path("certs/ca.crt"))
          policy:
            grants:
              - identity: spiffe://example.org/tenant/{tenant}/service/{service}
                tenant: "{tenant}"
                service: "{service}"
                namespaces: [company.**]
                keys: ["*"]
                operations: [get, list]
              - identity: spiffe://example.org/operator/*
                tenant: main
                service: "*"
                namespaces: ["**"]
                keys: ["*"]
                operations: [list, put, delete, health]
          memory:
            lock: preferred
          audit:
            file: \(workspace.path("audit.jsonl"))
          health:
            address: \(health)
        kestra:
          secret:
            type: sqlite
            sqlite:
              path: \(workspace.path("secrets.db"))
              secret: ${STORE_SECRET}
            isolation:
              enabled: true
        """
    }

    /// Ports that nobody uses at this moment, below those that the kernel hands out by itself.
    private static func freePorts() throws -> [UInt16] {
        var ports: [UInt16] = []
        for _ in 0..<200 where ports.count < 2 {
            let port = UInt16.random(in: 20_000..<30_000)
            if ListeningSocket(port: port) != nil, !ports.contains(port) { ports.append(port) }
        }
        try #require(ports.count == 2)
        return ports
    }
}
