import Foundation
import ManagerFakes

extension ManagerSetup {
    /// A user of the vault's own, and one of a directory.
    static func cyberark(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.cyberark)
        func detail(_ name: String) -> String { fake.details[name] ?? "" }
        let (own, directory) = (Canary("password"), Canary("password in a directory"))
        // The tag of what clients write.
        try fake.command("property", ["name": "of"])
        try fake.command("user", ["username": "agent", "password": own.text, "label": "own"])
        try fake.command(
            "user",
            ["username": "other", "password": directory.text, "label": "directory", "method": "LDAP"]
        )
        var setup = ManagerSetup(
            fake,
            keys: [
                "address: '\(fake.address)'", "safe: '\(detail("safe"))'", "platform-id: '\(detail("platform-id"))'",
            ],
            logins: [
                Login(name: "own", keys: ["username: agent", "password-file: '\(try own.file(in: workspace))'"]),
                Login(
                    name: "directory",
                    keys: [
                        "username: other", "auth-type: LDAP", "password-file: '\(try directory.file(in: workspace))'",
                    ]
                ),
            ],
            loginPath: "/Logon",
            configured: [own, directory],
            turns: (0..<2).map { _ in Turn { try fake.command("expire-sessions") } }
        )
        // A password has 4096 bytes at most.
        setup.largeRepeats = 80
        return setup
    }

    /// A host with its API key, a user with a password that is exchanged for one, and a pod with a token of somebody else's.
    static func conjur(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.conjur)
        func detail(_ name: String) -> String { fake.details[name] ?? "" }
        let (password, jwt) = (Canary("password"), Canary("token of a pod"))
        func role(_ login: String, _ more: [String: Any] = [:]) throws -> Canary {
            let members: [String: Any] = ["login": login, "label": login]
            let key = try fake.command("role", members.merging(more) { $1 })["api-key"] as? String ?? ""
            return Canary("key of \(login.replacing("/", with: " "))", key.utf8)
        }
        let key = try role("host/agent")
        let exchanged = try role("ann", ["password": password.text])
        _ = try role("host/pod", ["authenticator": "authn-jwt/cluster"])
        try fake.command("jwts", ["login": "host/pod", "accepted": [jwt.text]])
        let pod = "authenticator: authn-jwt/cluster"
        var setup = ManagerSetup(
            fake,
            keys: [
                "address: '\(fake.address)'", "account: '\(detail("account"))'", "manage-policy: true",
                "policy-path: '\(detail("policy-path"))'",
            ],
            logins: [
                Login(name: "key", keys: ["username: host/agent", "api-key-file: '\(try key.file(in: workspace))'"]),
                Login(name: "pod", keys: [pod, "jwt-path: '\(try jwt.file(in: workspace))'"]),
                Login(
                    name: "password",
                    keys: ["username: ann", "password-file: '\(try password.file(in: workspace))'"]
                ),
            ],
            loginPath: "/authenticate",
            configured: [key, exchanged, password],
            turns: [
                Turn { try fake.command("tokens", ["lifetime": 1]) },
                Turn {
                    try fake.letTokensBeRenewed()
                    try fake.command("expire-tokens")
                },
            ]
        )
        setup.borrowed = [jwt]
        return setup
    }

    /// Two applications with one certificate, whose values only commands store.
    static func ccp(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try FakeServer(.ccp, options: ["credentials": "kept", "client-certificate": "demanded"])
        for id in ["First", "Second"] { try fake.command("application", ["id": id]) }
        let (certificate, key) = (fake.details["client-certificate"] ?? "", fake.details["client-key"] ?? "")
        // Its second line has the secret part.
        let lines = try String(contentsOfFile: key, encoding: .utf8).split(separator: "\n")
        var setup = ManagerSetup(
            fake,
            keys: ["address: '\(fake.address)'", "safe: '\(fake.details["safe"] ?? "")'"],
            logins: ["First", "Second"].map { Login(name: $0.lowercased(), keys: ["app-id: \($0)"]) },
            loginPath: nil,
            configured: [Canary("private key", lines[1].utf8.dropFirst(32))],
            turns: [Turn {}]
        )
        setup.identity = ["certificate: '\(certificate)'", "private-key: '\(key)'"]
        return setup
    }
}
