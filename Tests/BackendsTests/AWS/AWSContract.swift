import Backends
import ManagerFakes
import Secrets

extension ContractSubject {
    static let aws = ContractSubject("AWS Secrets Manager", ContractPromise.full) {
        let scene = try AWSScene()
        return awsRules(try await .seeded(scene.backend(), of: scene.fake, below: "contract"))
    }

    /// As one who has the documented permissions, and needs no others.
    static let awsRestricted = ContractSubject(
        "AWS Secrets Manager for a restricted user",
        [.getGivesTheValue, .versionsGrowAndSurviveDeletion, .metadataIsListed]
    ) {
        let scene = try AWSScene()
        let contract = try await BackendContract.seeded(scene.backend(), of: scene.fake, below: "contract")
        return awsRules(try await contract.reopened { try scene.backend(user: "restricted-") })
    }

    private static func awsRules(_ contract: BackendContract) -> BackendContract {
        var contract = contract
        contract.storesEmpty = false
        contract.maximumBytes = 64 << 10
        contract.oddKeys = ["caf\u{e9}", "with space", "A/B=C@D", "a.b:c+d", "\u{6771}\u{4eac}", "-x-abcdef"]
        contract.oddTags = ["application": "payments", "caf\u{e9} x": "", "a/b:c": "@x=y+z"]
        return contract
    }
}
