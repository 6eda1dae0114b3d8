import ManagerFakes

extension FaultSubject {
    static let beyondTrust = FaultSubject(
        "BeyondTrust Secrets Safe",
        at: ["title="],
        login: "SignAppIn",
        [
            Fault("error", ["status": 400], "malformed"), Fault("error", ["status": 403], "forbidden"),
            .page("malformed"), Fault("answer", ["status": 200, "body": "{}"], "malformed"),
        ]
    ) { options in
        let scene = try BeyondTrustScene(options)
        return FaultScene(
            fake: scene.fake,
            credentials: [scene.key],
            backend: { try scene.backend($0) },
            fill: { try scene.text("main:company.team:KEY", "made up") },
            reader: {
                let user: [String: Any] = ["key": scene.key, "run_as": "reader", "label": "reader", "may_write": false]
                try scene.fake.command("user", user)
                return try scene.backend(login: "api-key: \(scene.key)\nrun-as: reader")
            }
        )
    }
}
