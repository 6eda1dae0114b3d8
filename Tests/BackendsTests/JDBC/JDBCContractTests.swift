import SecretMemory
import Secrets
import Testing

@Suite("A store in a database keeps the contract", .serialized)
struct JDBCContractTests {
    private static let known = Array("correct horse".utf8)

    private func with(
        _ kind: JDBCKind,
        _ body: (JDBCScene, BackendContract) async throws -> Void
    ) async throws {
        let scene = try JDBCScene(kind)
        let contract = try await contract(scene)
        try await body(scene, contract)
        await contract.backend.close()
        withExtendedLifetime(scene) {}
    }

    private func contract(_ scene: JDBCScene) async throws -> BackendContract {
        let backend = try scene.backend()
        for key in ["ALPHA", "ALPHABET", "BETA", "caf\u{e9}"] { try await backend.write(name(key), [1]) }
        try await backend.write(name("DB_PASSWORD"), Self.known)
        try await backend.write(name("DELETED"), [1])
        _ = try await backend.delete(name("DELETED"))
        try await backend.write(name("OTHER", namespace: "company"), [1])
        try await backend.write(name("OTHER", tenant: "second"), [1])
        return BackendContract(backend: backend, known: (name: name("DB_PASSWORD"), value: Self.known))
    }

    @Test("it reads what was written, under exactly that name", arguments: JDBCKind.allCases)
    func reading(kind: JDBCKind) async throws {
        try await with(kind) { _, contract in
            try await contract.getGivesTheValue()
            try await contract.getTwiceGivesTheSame()
            try await contract.missingIsNil()
            try await contract.namesCompareByteForByte()
            try await contract.anUnknownVersionIsUnsupported()
        }
    }

    @Test("it lists in order, in pages and by prefix", arguments: JDBCKind.allCases)
    func listing(kind: JDBCKind) async throws {
        try await with(kind) { _, contract in
            try await contract.listIsInOrderAndPaged(expecting: [
                "ALPHA", "ALPHABET", "BETA", "DB_PASSWORD", "caf\u{e9}",
            ])
            try await contract.listFindsPrefixes("ALPHA", expecting: ["ALPHA", "ALPHABET"])
            try await contract.listFindsPrefixes("ALPHABETA", expecting: [])
            try await contract.metadataIsListed()
        }
    }

    @Test("it writes values and names of all kinds", arguments: JDBCKind.allCases)
    func writing(kind: JDBCKind) async throws {
        try await with(kind) { _, contract in
            try await contract.valuesRoundTrip()
            try await contract.valuesThatAreTooLargeAreRefused()
            try await contract.oddNamesRoundTrip()
            try await contract.versionsGrowAndSurviveDeletion()
        }
    }

    @Test("it reads and refuses to write where it is read-only", arguments: JDBCKind.allCases)
    func readOnly(kind: JDBCKind) async throws {
        try await with(kind) { scene, writing in
            await writing.backend.close()
            let contract = BackendContract(backend: try scene.backend(readOnly: true), known: writing.known)
            try await contract.getGivesTheValue()
            try await contract.missingIsNil()
            try await contract.writesAreRefusedWhereTheyAreNotOffered()
            await contract.backend.close()
        }
    }

    @Test("what servers cannot keep is known before it is written", arguments: JDBCKind.servers)
    func objections(kind: JDBCKind) async throws {
        try await with(kind) { _, contract in
            let backend = contract.backend
            let value = try SecretBytes(copying: [1].span)
            let zeros = [
                SecretWrite(name: name("A\u{0}")), SecretWrite(name: name("A"), description: "\u{0}"),
                SecretWrite(name: name("A"), tags: ["a": "b\u{0}"]),
            ]
            for write in zeros {
                let objection = try #require(backend.objection(to: write, bytes: 1))
                await #expect(throws: objection) { try await backend.put(write, value: value) }
            }
            let largest = contract.maximumBytes
            #expect(backend.objection(to: SecretWrite(name: name("A")), bytes: largest) == nil)
            let objection = backend.objection(to: SecretWrite(name: name("A")), bytes: largest + 1)
            #expect(objection == .tooLarge(limit: largest))
            #expect(backend.keptMetadata == .all)
        }
    }

    @Test("spaces at the end of a name, and case, make another name", arguments: JDBCKind.allCases)
    func exactNames(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        let backend = try scene.backend()
        let keys = ["a", "a ", "A", "\u{e4}", "a\u{308}", "\u{1f511}", "a_", "a%"]
        for (index, key) in keys.enumerated() { try await backend.write(name(key), [UInt8(index)]) }
        for (index, key) in keys.enumerated() { #expect(try await backend.read(name(key)) == [UInt8(index)]) }
        let page = try await backend.list(ListQuery(tenant: "main", namespace: "company.team", limit: 100))
        #expect(
            page.entries.map { Array($0.key.utf8) }
                == keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        )
        await backend.close()
        withExtendedLifetime(scene) {}
    }
}
