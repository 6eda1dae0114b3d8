import ManagerFakes
import Secrets
import Testing

@testable import Backends

@Suite("CyberArk Conjur keeps the contract")
struct ConjurContractTests {
    private let contract: BackendContract
    private let scene: CyberArkScene

    /// Variables are never empty, a write does not say its version, and a variable that is made again begins anew.
    init() async throws {
        scene = try CyberArkScene(.conjur)
        let backend = try scene.backend()
        let known = (name: name("DB_PASSWORD"), value: Array("correct horse".utf8))
        for key in ["ALPHA", "ALPHABET", "BETA", "caf\u{e9}"] { try await backend.write(name(key), Array("1".utf8)) }
        try await backend.write(known.name, known.value)
        try await backend.write(name("DELETED"), Array("1".utf8))
        _ = try await backend.delete(name("DELETED"))
        try await backend.write(name("OTHER", namespace: "company"), Array("1".utf8))
        try await backend.write(name("OTHER", tenant: "second"), Array("1".utf8))
        try scene.fake.command("put", ["id": "kestra/main/company.team/EMPTY"])
        var contract = BackendContract(backend: backend, known: known)
        contract.storesEmpty = false
        contract.maximumBytes = ConjurOptions.maximumValueBytes
        contract.namesVersions = false
        contract.listsTimes = false
        self.contract = contract
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

    @Test("read-only, it sends no write and finds what the branch holds")
    func readOnly() async throws {
        let login = scene.lines("account", "username", "api-key", "policy-path")
        let backend = try scene.backend(login: login, "layout: scoped", readOnly: true)
        let contract = BackendContract(backend: backend, known: contract.known)
        try await contract.getGivesTheValue()
        try scene.fake.clearRequests()
        try await contract.writesAreRefusedWhereTheyAreNotOffered()
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" })
    }
}
