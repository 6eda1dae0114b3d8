import ManagerFakes

extension FaultSubject {
    /// A read searches for the account, and then asks for its secret.
    static let passwordVault = FaultSubject(
        "CyberArk Privileged Access Manager",
        at: ["Accounts?", "/Retrieve"],
        login: "Logon",
        [
            Fault("error", ["status": 403], "forbidden"), Fault("error", ["status": 409], "conflict"),
            Fault("error", ["status": 404, "html": true], "malformed"), .page("malformed"),
            Fault("answer", ["status": 200, "body": "{}"], "malformed"),
        ]
    ) { options in
        let scene = try CyberArkScene(.cyberark, options.merging(["balancer": "yes"]) { $1 })
        return FaultScene(
            fake: scene.fake,
            credentials: [scene.detail("password")],
            backend: { try scene.backend($0) },
            fill: {
                let account = [
                    "name": "main@company.team@KEY", "secret": "made up", "address": "company.team", "user": "KEY",
                ]
                try scene.fake.command("put", account)
            },
            reader: {
                let user: [String: Any] = [
                    "username": "reader", "password": "p", "label": "reader", "may_write": false,
                ]
                try scene.fake.command("user", user)
                let place = scene.lines("safe", "platform-id")
                return try scene.backend(login: "username: reader\npassword: p\n" + place)
            }
        )
    }
}
