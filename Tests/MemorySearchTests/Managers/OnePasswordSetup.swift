import ManagerFakes

extension ManagerSetup {
    /// Two access tokens of a Connect server, which stay good as long as nobody revokes them.
    static func onePassword(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.onepassword)
        let tokens = try ["first", "second"].map { name in
            let text = try fake.command("token", ["label": name])["token"] as? String ?? ""
            try workspace.write("token-\(name)", text)
            return (name: name, canary: Canary(credential: "token of \(name)", text))
        }
        let vaultID = fake.details["vault-id"] ?? ""
        return ManagerSetup(
            fake,
            keys: ["address: '\(fake.address)'", "vault-id: '\(vaultID)'"],
            logins: tokens.map { token in
                Login(name: token.name, keys: ["token-file: '\(workspace.path("token-\(token.name)"))'"])
            },
            loginPath: "/v1/vaults/\(vaultID)",
            configured: tokens.map(\.canary),
            turns: [Turn {}]
        )
    }
}
