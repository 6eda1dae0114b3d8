import ManagerFakes

extension ManagerSetup {
    /// Two service tokens, which stay good as long as nobody revokes them.
    static func doppler(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.doppler)
        func detail(_ name: String) -> String { fake.details[name] ?? "" }
        let tokens = try ["first", "second"].map { name in
            let text = try fake.command("token", ["label": name])["token"] as? String ?? ""
            try workspace.write("token-\(name)", text)
            return (name: name, canary: Canary(credential: "token of \(name)", text))
        }
        return ManagerSetup(
            fake,
            keys: [
                "address: '\(fake.address)'", "project: '\(detail("project"))'", "config: '\(detail("config"))'",
            ],
            logins: tokens.map { token in
                Login(name: token.name, keys: ["token-file: '\(workspace.path("token-\(token.name)"))'"])
            },
            loginPath: "/v3/me",
            configured: tokens.map(\.canary),
            turns: [Turn {}]
        )
    }
}
