import ManagerFakes

extension ManagerSetup {
    /// All four log-ins, and a secret-id that comes wrapped.
    static func vault(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.vault)
        func text(_ command: String, _ members: [String: Any], _ name: String) throws -> String {
            try fake.command(command, members)[name] as? String ?? ""
        }
        let token = try Canary("token", text("token", ["label": "token", "ttl": 3600], "token").utf8)
        let password = Canary("password")
        try fake.command("user", ["name": "ann", "password": password.text, "label": "password"])
        let role = try fake.command("approle", ["name": "plain", "label": "role"])
        let secretID = Canary("secret-id", (role["secret_id"] as? String ?? "").utf8)
        let wrappedRole = try text("approle", ["name": "wrapped", "label": "wrapped"], "role_id")
        let wrapped = try fake.command("secret-id", ["role": "wrapped", "wrap_ttl": 300])
        let wrapping = Canary("wrapping token", (wrapped["wrapping_token"] as? String ?? "").utf8)
        let unwrapped = Canary("unwrapped secret-id", (wrapped["secret_id"] as? String ?? "").utf8)
        let jwt = Canary("token of a pod")
        try fake.command("kubernetes-role", ["name": "agent", "jwts": [jwt.text], "label": "pod"])
        let roleID = role["role_id"] as? String ?? ""
        var setup = ManagerSetup(
            fake,
            keys: ["address: '\(fake.address)'"],
            logins: [
                Login(name: "token", keys: ["token: {token-file: '\(try token.file(in: workspace))'}"]),
                Login(
                    name: "password",
                    keys: ["password: {user: ann, password-file: '\(try password.file(in: workspace))'}"]
                ),
                Login(
                    name: "role",
                    keys: ["app-role: {role-id: '\(roleID)', secret-id-file: '\(try secretID.file(in: workspace))'}"]
                ),
                Login(
                    name: "wrapped",
                    keys: [
                        """
                        app-role: {role-id: '\(wrappedRole)', secret-id-file: '\(try wrapping.file(in: workspace))', \
                        secret-id-is-wrapped: true}
                        """
                    ]
                ),
                Login(
                    name: "pod",
                    keys: ["kubernetes: {role: agent, token-path: '\(try jwt.file(in: workspace))'}"]
                ),
            ],
            loginPath: "/login",
            configured: [token, password, secretID, wrapping, unwrapped],
            turns: (0..<2).map { _ in
                Turn {
                    for label in ["password", "role", "wrapped", "pod"] { try fake.command("revoke", ["label": label]) }
                }
            }
        )
        setup.borrowed = [jwt]
        return setup
    }
}
