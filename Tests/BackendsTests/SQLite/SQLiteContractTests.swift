import Backends
import Secrets
import Testing

@Suite("SQLite keeps the contract")
struct SQLiteContractTests {
    private let directory: TemporaryDirectory
    private let contract: BackendContract

    init() async throws {
        directory = try TemporaryDirectory()
        let backend = try store(directory.file("store.db"))
        let known = (name: name("DB_PASSWORD"), value: Array("correct horse".utf8))
        for key in ["ALPHA", "ALPHABET", "BETA", "caf\u{e9}"] { try await backend.write(name(key), [1]) }
        try await backend.write(known.name, known.value)
        try await backend.write(name("DELETED"), [1])
        _ = try await backend.delete(name("DELETED"))
        try await backend.write(name("OTHER", namespace: "company"), [1])
        try await backend.write(name("OTHER", tenant: "second"), [1])
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

    @Test("a read-only store keeps it too")
    func readOnly() async throws {
        await contract.backend.close()
        let backend = try store(directory.file("store.db"), options: { $0.isReadOnly = true })
        let contract = BackendContract(backend: backend, known: contract.known)
        try await contract.getGivesTheValue()
        try await contract.missingIsNil()
        try await contract.writesAreRefusedWhereTheyAreNotOffered()
    }
}
