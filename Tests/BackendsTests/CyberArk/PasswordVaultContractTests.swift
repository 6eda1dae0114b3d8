import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("CyberArk Privileged Access Manager keeps the contract")
struct PasswordVaultContractTests {
    private let contract: BackendContract
    private let scene: CyberArkScene

    /// Accounts have short secrets, no versions and no description; their tags are properties that the platform has.
    init() async throws {
        scene = try CyberArkScene(.cyberark)
        let backend = try scene.backend()
        let known = (name: name("DB_PASSWORD"), value: Array("correct horse".utf8))
        for key in ["ALPHA", "ALPHABET", "BETA", "caf\u{e9}"] { try await backend.write(name(key), Array("1".utf8)) }
        try await backend.write(known.name, known.value)
        try await backend.write(name("DELETED"), Array("1".utf8))
        _ = try await backend.delete(name("DELETED"))
        try await backend.write(name("OTHER", namespace: "company"), Array("1".utf8))
        try await backend.write(name("OTHER", tenant: "second"), Array("1".utf8))
        var contract = BackendContract(backend: backend, known: known)
        contract.maximumBytes = PasswordVaultOptions.maximumValueBytes
        contract.maximumOpaqueBytes = (PasswordVaultOptions.maximumValueBytes - TextForm.marker.utf8.count) / 4 * 3
        contract.namesVersions = false
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

    @Test("tags that are properties of the platform are listed, and no others are taken, nor descriptions")
    func metadata() async throws {
        let backend = contract.backend
        func put(_ key: String, _ tags: [String: String], _ description: String? = nil) async throws(BackendError) {
            let value: SecretBytes
            do throws(MemoryError) { value = try SecretBytes(copying: "1".utf8Span.span) } catch {
                throw .memory(error)
            }
            _ = try await backend.put(
                SecretWrite(name: name(key, namespace: "tags"), description: description, tags: tags),
                value: value
            )
        }
        try await put("TAGGED", ["application": "payments"])
        try await put("TAGGED", ["environment": "line\nbreak \u{1f511}"])
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "tags", limit: 10))
        let entry = try #require(page.entries.first)
        #expect(entry.tags == ["application": "payments", "environment": "line\nbreak \u{1f511}"])
        #expect(backend.keptMetadata == .tags)
        #expect(try #require(entry.updatedAt) > 1_600_000_000_000)
        #expect(
            await scene.failure { () throws(BackendError) in try await put("X", ["a b": "c"]) }.kind == "unsupported"
        )
        #expect(await scene.failure { () throws(BackendError) in try await put("X", [:], "d") }.kind == "unsupported")
        #expect(
            await scene.failure { () throws(BackendError) in try await put("X", ["other": "c"]) }.kind == "malformed"
        )
    }

    @Test func listIsInOrderAndPaged() async throws {
        try await contract.listIsInOrderAndPaged(expecting: ["ALPHA", "ALPHABET", "BETA", "DB_PASSWORD", "caf\u{e9}"])
    }

    @Test func listFindsPrefixes() async throws {
        try await contract.listFindsPrefixes("ALPHA", expecting: ["ALPHA", "ALPHABET"])
        try await contract.listFindsPrefixes("ALPHABETA", expecting: [])
    }

    @Test("read-only, it sends no write and finds what the safe holds")
    func readOnly() async throws {
        let backend = try scene.backend("layout: scoped", readOnly: true)
        let contract = BackendContract(backend: backend, known: contract.known)
        try await contract.getGivesTheValue()
        try scene.fake.clearRequests()
        try await contract.writesAreRefusedWhereTheyAreNotOffered()
        let requests = try scene.fake.requests()
        #expect(requests.allSatisfy { $0.method == "GET" || $0.path.hasSuffix("/Retrieve") })
    }
}
