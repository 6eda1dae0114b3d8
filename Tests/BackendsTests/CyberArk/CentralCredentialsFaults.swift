import ManagerFakes

extension FaultSubject {
    static let centralCredentials = FaultSubject(
        "CyberArk Central Credential Provider",
        at: ["Object=main"],
        [
            Fault("error", ["status": 400], "malformed"), Fault("error", ["status": 401], "denied"),
            Fault("error", ["status": 403], "forbidden"), Fault("error", ["status": 404, "html": true], "malformed"),
            Fault("expired-token", "denied"), Fault("answer", ["status": 200, "body": "{}"], "malformed"),
        ]
    ) { options in
        let scene = try CyberArkScene(.ccp, options)
        return FaultScene(
            fake: scene.fake,
            credentials: [],
            backend: { try scene.backend($0) },
            fill: { try scene.fake.store("KEY", "made up", in: "company.team") }
        )
    }
}
