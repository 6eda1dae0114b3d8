import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("Elasticsearch keeps the contract")
struct ElasticsearchContractTests {
    private let contract: BackendContract
    private let scene: ElasticsearchScene

    init() async throws {
        scene = try ElasticsearchScene()
        // A search would see a write too late; who is answered has waited for it.
        try scene.fake.command("refresh-interval", ["seconds": 3600])
        let backend = try scene.backend()
        let known = (name: name("DB_PASSWORD"), value: Array("correct horse".utf8))
        for key in ["ALPHA", "ALPHABET", "BETA", "caf\u{e9}"] { try await backend.write(name(key), Array("1".utf8)) }
        try await backend.write(known.name, known.value)
        try await backend.write(name("DELETED"), Array("1".utf8))
        _ = try await backend.delete(name("DELETED"))
        try await backend.write(name("OTHER", namespace: "company"), Array("1".utf8))
        try await backend.write(name("OTHER", tenant: "second"), Array("1".utf8))
        contract = BackendContract(backend: backend, known: known)
    }

    @Test func getGivesTheValue() async throws { try await contract.getGivesTheValue() }
    @Test func getTwiceGivesTheSame() async throws { try await contract.getTwiceGivesTheSame() }
    @Test func missingIsNil() async throws { try await contract.missingIsNil() }
    @Test func namesCompareByteForByte() async throws { try await contract.namesCompareByteForByte() }
    @Test func anUnknownVersionIsUnsupported() async throws { try await contract.anUnknownVersionIsUnsupported() }
    @Test func valuesRoundTrip() async throws { try await contract.valuesRoundTrip() }
    @Test func valuesThatAreTooLargeAreRefused() async throws { try await contract.valuesThatAreTooLargeAreRefused() }
    @Test func oddNamesRoundTrip() async throws { try await contract.oddNamesRoundTrip() }
    @Test func versionsGrowAndSurviveDeletion() async throws { try await contract.versionsGrowAndSurviveDeletion() }
    @Test func metadataIsListed() async throws { try await contract.metadataIsListed() }

    @Test func listIsInOrderAndPaged() async throws {
        try await contract.listIsInOrderAndPaged(expecting: ["ALPHA", "ALPHABET", "BETA", "DB_PASSWORD", "caf\u{e9}"])
    }

    @Test func listFindsPrefixes() async throws {
        try await contract.listFindsPrefixes("ALPHA", expecting: ["ALPHA", "ALPHABET"])
        try await contract.listFindsPrefixes("ALPHABETA", expecting: [])
    }

    @Test("read-only, it reads with rights for that alone, and sends no write")
    func readOnly() async throws {
        let backend = try scene.backend(
            credential: try scene.key(["read", "view_index_metadata"]),
            readOnly: true
        )
        let contract = BackendContract(backend: backend, known: contract.known)
        try scene.fake.clearRequests()
        try await contract.getGivesTheValue()
        try await contract.writesAreRefusedWhereTheyAreNotOffered()
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" })
    }
}
