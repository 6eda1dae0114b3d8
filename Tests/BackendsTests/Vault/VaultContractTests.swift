import ManagerFakes
import Secrets
import Testing

@testable import Backends

/// Vault's own rules of what it stores.
private func contract(_ backend: any SecretBackend) async throws -> BackendContract {
    let known = (name: name("DB_PASSWORD"), value: Array("correct horse".utf8))
    for key in ["ALPHA", "ALPHABET", "BETA", "caf\u{e9}"] { try await backend.write(name(key), Array("1".utf8)) }
    try await backend.write(known.name, known.value)
    try await backend.write(name("DELETED"), Array("1".utf8))
    _ = try await backend.delete(name("DELETED"))
    try await backend.write(name("OTHER", namespace: "company"), Array("1".utf8))
    try await backend.write(name("OTHER", tenant: "second"), Array("1".utf8))
    var contract = BackendContract(backend: backend, known: known)
    contract.oddKeys = [
        "caf\u{e9}", "cafe\u{301}", "with space", "'; DROP TABLE secret; --", "\u{1f511}", "A#C@D?E%41", "..hidden",
    ]
    contract.oddTags = ["application": "payments", "quote\"d": "a \u{1f511}"]
    return contract
}

@Suite("Vault keeps the contract, KV version 2")
struct VaultContractTests {
    private let contract: BackendContract
    private let scene: VaultScene

    init() async throws {
        scene = try VaultScene()
        contract = try await BackendsTests.contract(scene.backend())
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

    @Test("read-only, it sends no write and finds what the tree holds")
    func readOnly() async throws {
        let backend = try scene.backend("layout: tree", readOnly: true)
        let contract = BackendContract(backend: backend, known: contract.known)
        try await contract.getGivesTheValue()
        try scene.fake.clearRequests()
        try await contract.writesAreRefusedWhereTheyAreNotOffered()
        #expect(try scene.fake.requests().allSatisfy { $0.method == "GET" })
    }
}

@Suite("Vault keeps the contract, KV version 1")
struct VaultContractOneTests {
    private let contract: BackendContract
    private let scene: VaultScene

    init() async throws {
        scene = try VaultScene()
        contract = try await BackendsTests.contract(scene.backend("engine-version: 1\nroot-engine: kv1"))
    }

    @Test func getGivesTheValue() async throws { try await contract.getGivesTheValue() }
    @Test func missingIsNil() async throws { try await contract.missingIsNil() }
    @Test func namesCompareByteForByte() async throws { try await contract.namesCompareByteForByte() }
    @Test func anUnknownVersionIsUnsupported() async throws { try await contract.anUnknownVersionIsUnsupported() }
    @Test func oddNamesRoundTrip() async throws { try await contract.oddNamesRoundTrip() }
    @Test func valuesThatAreTooLargeAreRefused() async throws { try await contract.valuesThatAreTooLargeAreRefused() }

    @Test func listIsInOrderAndPaged() async throws {
        try await contract.listIsInOrderAndPaged(expecting: ["ALPHA", "ALPHABET", "BETA", "DB_PASSWORD", "caf\u{e9}"])
    }
}
