import ManagerFakes

extension ManagerSetup {
    /// A key whose user needs no password, and one whose user needs one.
    static func beyondtrust(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.beyondtrust)
        // Keys are hexadecimal, and neither they nor passwords may have what ends them in a header.
        func digits(_ name: String) -> Canary {
            Canary(name, String((0..<64).compactMap { _ in "0123456789abcdef".randomElement() }).utf8)
        }
        let (key, other, password) = (digits("key"), digits("key with a password"), digits("password of a user"))
        try fake.command("user", ["key": key.text, "run_as": "agent", "label": "key"])
        try fake.command(
            "user",
            ["key": other.text, "run_as": "other", "password": password.text, "label": "password"]
        )
        var setup = ManagerSetup(
            fake,
            keys: ["address: '\(fake.address)'", "folder-id: '\(fake.details["folder-id"] ?? "")'"],
            logins: [
                Login(name: "key", keys: ["run-as: agent", "api-key-file: '\(try key.file(in: workspace))'"]),
                Login(
                    name: "password",
                    keys: [
                        "run-as: other", "api-key-file: '\(try other.file(in: workspace))'",
                        "run-as-password-file: '\(try password.file(in: workspace))'",
                    ]
                ),
            ],
            loginPath: "/SignAppIn",
            configured: [key, other, password],
            turns: (0..<2).map { _ in Turn { try fake.command("expire-sessions") } }
        )
        // A text has 4096 characters at most.
        setup.largeRepeats = 80
        return setup
    }
}
