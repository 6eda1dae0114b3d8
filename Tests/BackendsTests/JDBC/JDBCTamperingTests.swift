import Cryptography
import Secrets
import Testing

@Suite("A store in a database trusts no row", .serialized)
struct JDBCTamperingTests {
    private func inStore(
        _ kind: JDBCKind,
        _ body: (JDBCScene, any SecretBackend) async throws -> Void
    ) async throws {
        let scene = try JDBCScene(kind)
        let backend = try scene.backend()
        for key in ["ONE", "TWO"] { try await backend.write(name(key), Array(key.utf8)) }
        try await body(scene, backend)
        await backend.close()
        withExtendedLifetime(scene) {}
    }

    private func refused(_ backend: any SecretBackend, _ key: String, _ words: String...) async {
        let error = await backendError { () throws(BackendError) in try await backend.read(name(key)) }
        #expect(error?.kind == "malformed", "\(String(describing: error))")
        for word in [key, "company.team"] + words {
            #expect(error?.detail.contains(word) == true, "\(error?.detail ?? "")")
        }
    }

    @Test("a row that was moved to another key is refused, and its neighbour is not", arguments: JDBCKind.allCases)
    func moved(kind: JDBCKind) async throws {
        try await inStore(kind) { scene, backend in
            try scene.sql(
                "UPDATE $TABLE SET name = 'GONE' WHERE name = 'ONE'; UPDATE $TABLE SET name = 'ONE' WHERE name = 'TWO'"
            )
            await refused(backend, "ONE", "changed outside the agent")
            try scene.sql("UPDATE $TABLE SET name = 'TWO' WHERE name = 'ONE'")
            #expect(try await backend.read(name("TWO")) == Array("TWO".utf8))
        }
    }

    @Test("an envelope that was cut off or altered is refused", arguments: JDBCKind.allCases)
    func altered(kind: JDBCKind) async throws {
        try await inStore(kind) { scene, backend in
            let shorter =
                kind == .sqlite
                ? "substr(envelope, 1, length(envelope) - 1)" : "substring(envelope, 1, octet_length(envelope) - 1)"
            try scene.sql("UPDATE $TABLE SET envelope = \(shorter) WHERE name = 'ONE'")
            await refused(backend, "ONE", "changed outside the agent")
            try scene.sql("UPDATE $TABLE SET version = 9 WHERE name = 'TWO'")
            await refused(backend, "TWO", "changed outside the agent")
        }
    }

    @Test("an old row that is put back is noticed until the restart", arguments: JDBCKind.allCases)
    func restored(kind: JDBCKind) async throws {
        try await inStore(kind) { scene, backend in
            // A copy under another name, from which the old content is put back.
            try scene.sql(
                """
                INSERT INTO $TABLE (tenant, namespace, name, version, key_id, envelope, tags, created_at, updated_at)
                SELECT tenant, namespace, 'KEPT', version, key_id, envelope, tags, created_at, updated_at
                FROM $TABLE WHERE name = 'ONE'
                """
            )
            #expect(try await backend.write(name("ONE"), [2]) == "2")
            try scene.sql("DELETE FROM $TABLE WHERE name = 'ONE'; UPDATE $TABLE SET name = 'ONE' WHERE name = 'KEPT'")
            await refused(backend, "ONE", "at version 1 but was at version 2", "restart")
            try scene.sql("DELETE FROM $TABLE WHERE name = 'ONE'")
            await refused(backend, "ONE", "is gone")
            let restarted = try scene.backend()
            #expect(try await restarted.read(name("ONE")) == nil)
            await restarted.close()
        }
    }

    @Test("a wrong secret is noticed before anything is read", arguments: JDBCKind.allCases)
    func wrongSecret(kind: JDBCKind) async throws {
        try await inStore(kind) { scene, _ in
            let backend = try scene.backend(secret: StoreSecret.second)
            let error = await backendError { () throws(BackendError) in try await backend.connect() }
            #expect(error?.kind == "denied")
            for word in ["jdbc.secret", "jdbc.previous-secrets", try keyring().currentIdentifier.description] {
                #expect(error?.detail.contains(word) == true, "\(error?.detail ?? "")")
            }
            await backend.close()
        }
    }

    @Test("a store that a newer agent made is refused", arguments: JDBCKind.servers)
    func newer(kind: JDBCKind) async throws {
        try await inStore(kind) { scene, _ in
            try scene.sql("UPDATE $TABLE_store SET version = 2")
            let backend = try scene.backend()
            let error = await backendError { () throws(BackendError) in try await backend.connect() }
            #expect(error?.detail.contains("version 2") == true && error?.detail.contains("newer agent") == true)
            await backend.close()
        }
    }
}
