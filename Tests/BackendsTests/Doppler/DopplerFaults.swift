import ManagerFakes

extension FaultSubject {
    static let doppler = FaultSubject(
        "Doppler",
        at: ["/secret?"],
        [
            Fault("error", ["status": 403], "forbidden"), Fault("error", ["status": 404], "malformed"),
            Fault("error", ["status": 418], "malformed"), Fault("answer", ["body": "{\"value\": 7}"], "malformed"),
            Fault("expired-token", "denied"),
        ]
    ) { options in
        let scene = try DopplerScene(options)
        return FaultScene(
            fake: scene.fake,
            credentials: [scene.token],
            backend: { try scene.backend($0) },
            fill: { try scene.put("KESTRA_9MAIN_9COMPANY_0TEAM_9KEY", "made up") },
            reader: {
                let made = try scene.fake.command("token", ["label": "reader", "may_write": false])
                return try scene.backend(token: made["token"] as? String)
            }
        )
    }
}
