import ManagerFakes

@testable import Backends

extension ContractSubject {
    /// Whoever asks shows a certificate; nothing is listed and nothing is written.
    static let centralCredentials = ContractSubject(
        "CyberArk Central Credential Provider",
        ContractPromise.reading + [.writesAreRefusedWhereTheyAreNotOffered]
    ) {
        let scene = try CyberArkScene(.ccp, ["client-certificate": "demanded"])
        let value = "correct \"horse\"\\"
        try scene.fake.store("DB_PASSWORD", value, in: "company.team")
        try scene.fake.store("OTHER", "1", in: "company")
        let identity =
            "certificate: '\(scene.detail("client-certificate"))', private-key: '\(scene.detail("client-key"))'"
        return BackendContract(
            backend: try scene.backend("tls: {ca: '\(scene.fake.authority)', \(identity)}"),
            known: (name: name("DB_PASSWORD"), value: Array(value.utf8)),
            scene: scene
        )
    }
}
