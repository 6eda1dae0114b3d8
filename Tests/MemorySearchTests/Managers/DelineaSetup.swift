import ManagerFakes

extension ManagerSetup {
    /// A user of Secret Server's own, and one of a domain.
    static func delinea(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.delinea)
        func detail(_ name: String) -> String { fake.details[name] ?? "" }
        let (own, domain) = (Canary("password"), Canary("password in a domain"))
        try fake.command("user", ["username": "agent", "password": own.text, "label": "own"])
        try fake.command(
            "user",
            ["username": "other", "password": domain.text, "label": "domain", "domain": "EXAMPLE"]
        )
        return ManagerSetup(
            fake,
            keys: [
                "address: '\(detail("base-address"))'", "folder-id: '\(detail("folder-id"))'",
                "secret-template-id: '\(detail("secret-template-id"))'",
            ],
            logins: [
                Login(name: "own", keys: ["username: agent", "password-file: '\(try own.file(in: workspace))'"]),
                Login(
                    name: "domain",
                    keys: ["username: other", "domain: EXAMPLE", "password-file: '\(try domain.file(in: workspace))'"]
                ),
            ],
            loginPath: "/oauth2/token",
            configured: [own, domain],
            turns: [
                Turn { try fake.command("tokens", ["lifetime": 1]) },
                Turn {
                    try fake.letTokensBeRenewed()
                    try fake.command("expire-tokens")
                },
            ]
        )
    }
}
