import ManagerFakes

extension FaultSubject {
    static let conjur = FaultSubject(
        "CyberArk Conjur",
        at: ["/secrets"],
        login: "/authenticate",
        [
            .page("malformed"), Fault("answer", ["status": 200, "body": "{}"], "malformed"),
            Fault("error", ["status": 403], "forbidden"), Fault("error", ["status": 409], "conflict"),
            Fault("error", ["status": 404, "html": true], "malformed"), Fault("error", ["status": 422], "malformed"),
        ]
    ) { options in
        let scene = try CyberArkScene(.conjur, options)
        return FaultScene(
            fake: scene.fake,
            credentials: [scene.detail("api-key")],
            backend: { try scene.backend($0) },
            fill: { try scene.fake.command("put", ["id": "kestra/main/company.team/KEY", "value": "made up"]) }
        )
    }
}
