extension FaultSubject {
    static let google = FaultSubject(
        "Google Secret Manager",
        at: [":access"],
        login: "/token",
        [
            Fault("error", ["status": 502, "html": true], "unavailable"),
            Fault("error", ["status": 503], "unavailable"), Fault("error", ["status": 504], "unavailable"),
            Fault("error", ["status": 418], "malformed"), Fault("content-type", "malformed"),
            Fault("expired-token", "denied"),
        ]
    ) { options in
        let scene = try GoogleScene(options)
        return FaultScene(
            fake: scene.fake,
            credentials: ["ya29"],
            backend: { try scene.backend($0) },
            fill: { try scene.put("kestra_tmain_ncompany_dteam_nKEY", "made up") }
        )
    }
}
