import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("CyberArk Privileged Access Manager: tags and descriptions")
struct PasswordVaultMetadataTests {
    @Test("tags that are properties of the platform are listed, and no others are taken, nor descriptions")
    func metadata() async throws {
        let scene = try CyberArkScene(.cyberark)
        let backend = try scene.backend()
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
            await backendError { () throws(BackendError) in try await put("X", ["a b": "c"]) }.kind == "unsupported"
        )
        #expect(await backendError { () throws(BackendError) in try await put("X", [:], "d") }.kind == "unsupported")
        #expect(
            await backendError { () throws(BackendError) in try await put("X", ["other": "c"]) }.kind == "malformed"
        )
    }
}
