import ManagerFakes

extension ManagerSetup {
    /// An API key and a password, each with a secret that values are sealed under, and one with a secret of before, too.
    static func elasticsearch(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.elasticsearch)
        let key = try Canary("API key", (fake.command("user", ["label": "key"])["api-key"] as? String ?? "").utf8)
        let password = Canary("password")
        try fake.command("user", ["label": "password", "username": "agent", "password": password.text])
        let sealing = Canary.many(3, "sealing secret")
        func secret(_ canary: Canary) throws -> String { "secret-file: '\(try canary.file(in: workspace))'" }
        return ManagerSetup(
            fake,
            keys: ["http-hosts: ['\(fake.address)', '\(fake.details["second-address"] ?? "")']"],
            logins: [
                Login(
                    name: "key",
                    keys: [
                        try secret(sealing[0]), "api-key-file: '\(try key.file(in: workspace))'", "index: first",
                    ]
                ),
                Login(
                    name: "password",
                    keys: [
                        try secret(sealing[1]), "next-secret-file: '\(try sealing[2].file(in: workspace))'",
                        "basic-auth: {username: agent, password-file: '\(try password.file(in: workspace))'}",
                        "index: second",
                    ]
                ),
            ],
            loginPath: "/_mapping",
            configured: [key, password] + sealing,
            turns: [Turn {}]
        )
    }
}
