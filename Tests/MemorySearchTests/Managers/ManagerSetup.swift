import Foundation
import ManagerFakes

/// A secret manager's counterpart, and an agent's configuration for it with the ways to log in that it has.
struct ManagerSetup: Sendable {
    /// Credentials that stay the same in the configuration while those that they bring come and go.
    struct Turn: Sendable {
        /// Credentials that the agent finds outside of its configuration while this turn lasts.
        var found: [Canary] = []
        /// Ends everything that was given out before, so that the agent has to log in again.
        let begin: @Sendable () throws -> Void
    }

    /// A way to log in, and the namespace of its own that it serves.
    struct Login: Sendable {
        let name: String
        /// Keys of the manager's section.
        let keys: [String]

        var namespace: String { "company.\(name)" }
    }

    let fake: FakeServer
    /// Keys of the manager's section, whatever the log-in.
    let keys: [String]
    let logins: [Login]
    /// A part of the path of requests for tokens or keys; nil where there are none.
    let loginPath: String?
    /// Keys of the section's `tls`, beside the authority.
    var identity: [String] = []
    var variables: [String: String] = [:]
    /// Credentials of the configuration and the environment: the agent may hold them, in the arena, as long as it runs.
    let configured: [Canary]
    /// Credentials in files that are read for each log-in, and not held in between.
    var borrowed: [Canary] = []
    let turns: [Turn]
    /// How often a canary is repeated in the largest value: as often as the manager takes it.
    var largeRepeats = 600

    static func fake(_ kind: FakeServer.Kind) throws -> FakeServer {
        try FakeServer(kind, options: ["credentials": "kept"])
    }

    init(_ kind: FakeServer.Kind, in workspace: Workspace) throws {
        self =
            switch kind {
            case .vault: try .vault(in: workspace)
            case .azure: try .azure(in: workspace)
            case .google: try .google(in: workspace)
            case .aws: try .aws(in: workspace)
            case .doppler: try .doppler(in: workspace)
            case .onepassword: try .onePassword(in: workspace)
            case .delinea: try .delinea(in: workspace)
            case .beyondtrust: try .beyondtrust(in: workspace)
            case .cyberark: try .cyberark(in: workspace)
            case .conjur: try .conjur(in: workspace)
            case .ccp: try .ccp(in: workspace)
            case .elasticsearch: try .elasticsearch(in: workspace)
            }
    }

    init(
        _ fake: FakeServer,
        keys: [String],
        logins: [Login],
        loginPath: String?,
        configured: [Canary],
        turns: [Turn]
    ) {
        self.fake = fake
        self.keys = keys
        self.logins = logins
        self.loginPath = loginPath
        self.configured = configured
        self.turns = turns
    }

    /// `secret` of a scope, in one line.
    func secret(_ login: Login, _ more: String) -> String {
        let tls = ["ca: '\(fake.authority)'"] + identity
        let ours = ["tls: {\(tls.joined(separator: ", "))}", "timeouts: {connect: 1s, first-byte: 500ms}"]
        let section = (keys + login.keys + ours).joined(separator: ", ")
        return "{type: \(fake.type), \(fake.type): {\(section)}, budget: {breaker: {failures: 0}}, \(more)}"
    }
}

extension FakeServer {
    /// Tokens live for a second by now, so that the agent replaces them by itself. Those after them live on.
    func letTokensBeRenewed() throws {
        usleep(900_000)
        try command("tokens", ["lifetime": 3599])
    }
}

extension Canary {
    /// A credential that a fake made, which may begin as others of its kind do.
    init(credential name: String, _ text: String) {
        self.init(name, (text.split(separator: ".").last ?? "").utf8)
    }

    /// Writes it where the configuration or the agent finds it.
    ///
    /// - Returns: the file's path.
    func file(in workspace: Workspace) throws -> String {
        let file = name.replacing(" ", with: "-").replacing(",", with: "")
        try workspace.write(file, text)
        return workspace.path(file)
    }
}
