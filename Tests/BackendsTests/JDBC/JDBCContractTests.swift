import SecretMemory
import Secrets
import Testing

@Suite("A store in a database keeps the contract", .serialized)
struct JDBCContractTests {
    private static let cases = JDBCKind.allCases.flatMap {
        ContractSubject.jdbc($0).cases + ContractSubject.jdbcReadOnly($0).cases
    }

    @Test("each of its promises", arguments: cases)
    func keeps(_ promised: ContractCase) async throws { try await promised.check() }

    @Test("what servers cannot keep is known before it is written", arguments: JDBCKind.servers)
    func objections(kind: JDBCKind) async throws {
        let contract = try await ContractSubject.jdbc(kind).open()
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
        await backend.close()
        withExtendedLifetime(contract) {}
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
