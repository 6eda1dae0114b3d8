import ManagerFakes

extension ManagerSetup {
    /// Two applications with a secret, one with a token of a cluster, and the identity of the machine.
    static func azure(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.azure)
        func detail(_ name: String) -> String { fake.details[name] ?? "" }
        let (tenant, client) = (detail("tenant-id"), detail("client-id"))
        let inline = Canary("client secret, from a file")
        let variable = Canary("client secret, from a variable")
        let assertion = Canary("token of a cluster")
        let header = Canary("header of the machine's identity", detail("identity-header").utf8)
        try fake.command(
            "application",
            ["label": "agent", "client_secrets": [inline.text, variable.text], "assertions": [assertion.text]]
        )
        try fake.command("identity", ["label": "machine", "client_id": client])
        let file = try inline.file(in: workspace)
        var setup = ManagerSetup(
            fake,
            keys: ["key-vault-uri: '\(detail("vault-address"))'", "authority-host: '\(detail("authority-host"))'"],
            logins: [
                Login(
                    name: "application",
                    keys: ["client-secret: {tenant-id: \(tenant), client-id: \(client), client-secret-file: '\(file)'}"]
                ),
                Login(name: "environment", keys: ["credential: environment"]),
                Login(name: "cluster", keys: ["credential: workload-identity"]),
                Login(name: "machine", keys: ["credential: managed-identity"]),
            ],
            loginPath: "/token",
            configured: [inline, variable, header],
            turns: [
                Turn { try fake.command("tokens", ["lifetime": 1]) },
                Turn {
                    try fake.letTokensBeRenewed()
                    try fake.command("expire-tokens")
                },
            ]
        )
        setup.variables = [
            "AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET": variable.text,
            "AZURE_FEDERATED_TOKEN_FILE": try assertion.file(in: workspace),
            "IDENTITY_ENDPOINT": detail("app-service-endpoint"), "IDENTITY_HEADER": header.text,
        ]
        setup.borrowed = [assertion]
        return setup
    }
}
