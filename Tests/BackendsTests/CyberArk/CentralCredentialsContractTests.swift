import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("CyberArk Central Credential Provider keeps the contract")
struct CentralCredentialsContractTests {
    private let contract: BackendContract
    private let scene: CyberArkScene

    /// Whoever asks shows a certificate; nothing is listed and nothing is written.
    init() throws {
        scene = try CyberArkScene(.ccp, ["client-certificate": "demanded"])
        let known = (name: name("DB_PASSWORD"), value: Array("correct \"horse\"\\".utf8))
        try scene.fake.store("DB_PASSWORD", "correct \"horse\"\\", in: "company.team")
        try scene.fake.store("OTHER", "1", in: "company")
        let identity =
            "certificate: '\(scene.detail("client-certificate"))', private-key: '\(scene.detail("client-key"))'"
        let backend = try scene.backend("tls: {ca: '\(scene.fake.authority)', \(identity)}")
        contract = BackendContract(backend: backend, known: known)
    }

    @Test func getGivesTheValue() async throws { try await contract.getGivesTheValue() }
    @Test func getTwiceGivesTheSame() async throws { try await contract.getTwiceGivesTheSame() }
    @Test func missingIsNil() async throws { try await contract.missingIsNil() }
    @Test func namesCompareByteForByte() async throws { try await contract.namesCompareByteForByte() }
    @Test func anUnknownVersionIsUnsupported() async throws { try await contract.anUnknownVersionIsUnsupported() }

    @Test func writesAreRefusedWhereTheyAreNotOffered() async throws {
        try await contract.writesAreRefusedWhereTheyAreNotOffered()
    }

    @Test("a listing is refused as what there is not")
    func listing() async throws {
        try await contract.backend.connect()
        #expect(contract.backend.capabilities == [])
        let query = ListQuery(tenant: "main", namespace: "company.team", limit: 1)
        await #expect(throws: BackendError.unsupported(detail: "a Central Credential Provider lists nothing")) {
            try await contract.backend.list(query)
        }
    }
}
