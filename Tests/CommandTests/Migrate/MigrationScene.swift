import Foundation
import ManagerFakes
import Testing

/// A folder with configurations, and `tacit migrate` between them.
struct MigrationScene {
    /// What every value begins with, and nothing else does.
    static let needle = "gJ7xQ2vLm9Zk4Rt"
    static let storeSecret = RunningAgent.storeSecret

    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    static func value(_ number: Int) -> String { "\(needle)-\(number)" }
    static func key(_ number: Int) -> String {
        "KEY_" + String(repeating: "0", count: 5 - "\(number)".count) + "\(number)"
    }

    /// Writes a configuration whose default manager this is.
    @discardableResult
    func configure(_ name: String, _ secret: String, scopes: String = "") throws -> String {
        try workspace.write("kestra: {secret: \(secret)}\n\(scopes)", to: "\(name).yaml")
    }

    static func sqlite(_ file: String, _ more: String = "") -> String {
        "{type: sqlite, sqlite: {path: \(file), secret: \"${STORE_SECRET}\"}\(more)}"
    }

    /// Writes a configuration `env` with secrets of the environment.
    func configureEnvironment(_ secrets: [String: String]) throws {
        let lines = secrets.sorted { $0.key < $1.key }
            .map { "SECRET_\($0.key)=\(Data($0.value.utf8).base64EncodedString())\n" }
        try workspace.write(lines.joined(), to: "secrets.env")
        try configure("env", "{type: env, env: {files: [secrets.env]}}")
    }

    func start(
        _ from: String,
        _ to: String,
        _ more: String...,
        terminal: PseudoTerminal? = nil,
        prelude: String = ""
    ) throws -> Invocation {
        try Invocation(
            ["migrate", "--from", "\(from).yaml", "--to", "\(to).yaml"] + more,
            errorsToTerminal: terminal,
            environment: ["STORE_SECRET": Self.storeSecret],
            folder: workspace.folder.path,
            prelude: prelude
        )
    }

    func migrate(_ from: String, _ to: String, _ more: String...) throws -> Outcome {
        try Invocation(
            ["migrate", "--from", "\(from).yaml", "--to", "\(to).yaml"] + more,
            environment: ["STORE_SECRET": Self.storeSecret],
            folder: workspace.folder.path
        ).finish()
    }

    /// Puts secrets of the environment into a store of one namespace.
    func seed(_ store: String, _ secrets: [String: String], namespace: String = "company.team", _ more: String...)
        throws
    {
        try configureEnvironment(secrets)
        let outcome = try Invocation(
            [
                "migrate", "--from", "env.yaml", "--to", "\(store).yaml", "--tenant", "main", "-n", namespace,
                "--journal", "seed.journal",
            ] + more,
            environment: ["STORE_SECRET": Self.storeSecret],
            folder: workspace.folder.path
        ).finish()
        try #require(outcome.status == 0, "\(outcome.errors)")
        for file in ["secrets.env", "env.yaml"] { try FileManager.default.removeItem(atPath: workspace.path(file)) }
    }

    /// The needle in the forms that texts have it in.
    static var needles: [String] {
        let bytes = Array(needle.utf8)
        let base64 = (0..<3).map { skipped in
            // The digits that do not depend on what stands before and behind.
            let text = Data([UInt8](repeating: 0, count: skipped) + bytes).base64EncodedString()
            return String(text.dropFirst(skipped == 0 ? 0 : 4).prefix(12))
        }
        return [needle, bytes.map { String($0, radix: 16) }.joined()] + base64
    }

    /// Files that hold the needle in some form, apart from memory of databases that is sealed.
    func filesWithNeedle() throws -> [String] {
        let needles = Self.needles.map { Data($0.utf8) } + [Data(Self.needle.utf8.flatMap { [$0, 0] })]
        return try FileManager.default.contentsOfDirectory(atPath: workspace.folder.path).filter { file in
            guard let content = FileManager.default.contents(atPath: workspace.path(file)) else { return false }
            return needles.contains { content.range(of: $0) != nil }
        }
    }

    func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: workspace.path(file)) }
}

/// A manager that secrets are copied to, and that is looked into without the program that copied them.
protocol MigrationTarget {
    /// `kestra.secret` in one line.
    var secret: String { get }

    /// The current value of a key in the namespace company.team of the tenant main; nil where there is none.
    func value(_ key: String) throws -> String?

    /// Files of its own in which a value stands.
    func filesWithNeedle() throws -> [String]
}

/// The counterpart of a Vault.
struct VaultTarget: MigrationTarget {
    let fake: FakeServer

    init() throws { fake = try FakeServer(.vault) }

    var secret: String { fake.secret() }

    func value(_ key: String) throws -> String? {
        let stored = try fake.command("stored", ["path": "main/company/team/\(key)"])
        return (stored["data"] as? [String: Any])?["value"] as? String
    }

    /// It keeps values in its memory.
    func filesWithNeedle() throws -> [String] { [] }

    /// Requests that change something.
    func writes() throws -> Int {
        try fake.requests().count { $0.path.hasPrefix("/v1/secret/") && $0.method != "GET" && $0.method != "LIST" }
    }
}
