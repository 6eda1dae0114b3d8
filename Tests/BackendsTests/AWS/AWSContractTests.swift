import ManagerFakes
import Secrets
import Testing

@testable import Backends

extension AWSSuites {
    @Suite("AWS Secrets Manager keeps the contract")
    struct AWSContractTests {
        @Test("each of its promises", arguments: ContractSubject.aws.cases + ContractSubject.awsRestricted.cases)
        func keeps(_ promised: ContractCase) async throws { try await promised.check() }

        @Test("a read-only manager keeps it too, and is sent no write")
        func readOnly() async throws {
            let scene = try AWSScene()
            let contract = try await ContractSubject.aws.open().reopened {
                try scene.backend(options: { $0.isReadOnly = true })
            }
            try scene.fake.clearRequests()
            try await contract.getGivesTheValue()
            try await contract.missingIsNil()
            try await contract.writesAreRefusedWhereTheyAreNotOffered()
            #expect(Set(try scene.operations()) == ["ListSecrets", "GetSecretValue"])
        }
    }
}
