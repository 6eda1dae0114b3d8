import ManagerFakes

extension FaultSubject {
    /// A read looks into the list, and then into the item.
    static let onePassword = FaultSubject(
        "1Password Connect",
        at: ["/items?", "/items/"],
        [
            Fault("error", ["status": 403], "forbidden"), Fault("error", ["status": 404], "malformed"),
            Fault("error", ["status": 418], "malformed"), Fault("answer", ["body": "{\"id\": 7}"], "malformed"),
            Fault("expired-token", "denied"),
        ]
    ) { options in
        let scene = try OnePasswordScene(options)
        return FaultScene(
            fake: scene.fake,
            credentials: [scene.token],
            backend: { try scene.backend($0) },
            fill: { try scene.put("main/company.team/KEY", ["fields": [scene.password("made up")]]) },
            reader: {
                let made = try scene.fake.command("token", ["label": "reader", "may_write": false])
                return try scene.backend(token: made["token"] as? String)
            }
        )
    }
}
