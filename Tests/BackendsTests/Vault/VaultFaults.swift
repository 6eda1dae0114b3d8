extension FaultSubject {
    static let vault = FaultSubject(
        "Vault",
        at: ["/data/"],
        [Fault("error", ["status": 418], "malformed")]
    ) { options in
        let scene = try VaultScene(options)
        return FaultScene(
            fake: scene.fake,
            credentials: [scene.rootToken],
            backend: { try scene.backend($0) },
            fill: { try scene.put("main/company/team/KEY", ["value": "made up"]) }
        )
    }
}
