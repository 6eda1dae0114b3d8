import ManagerFakes

extension FaultSubject {
    /// A read searches, and then asks for the field that it found.
    static let delinea = FaultSubject(
        "Delinea Secret Server",
        at: ["secrets?", "/fields/"],
        login: "/oauth2/token",
        [
            Fault("error", ["status": 400], "malformed"), .page("malformed"),
            Fault("answer", ["status": 403, "body": "{\"message\":\"Access Denied\"}"], "forbidden"),
        ]
    ) { options in
        let scene = try DelineaScene(options)
        return FaultScene(
            fake: scene.fake,
            credentials: [scene.fake.details["password"] ?? "", "made.up"],
            backend: { try scene.backend($0) },
            fill: { try scene.put("main:company.team:KEY", ["value": "made up"]) },
            reader: {
                let user: [String: Any] = [
                    "username": "reader", "password": "made up", "label": "reader", "may_write": false,
                ]
                try scene.fake.command("user", user)
                return try scene.backend(login: "username: reader\npassword: made up")
            }
        )
    }
}
