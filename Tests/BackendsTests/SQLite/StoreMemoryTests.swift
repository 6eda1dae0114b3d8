import Backends
import CSQLite
import Foundation
import SQLite
import SecretMemory
import Secrets
import Testing

@Suite("A store's memory")
struct StoreMemoryTests {
    /// A value that nothing else in this process holds; each byte is XORed with 0x5a.
    private let masked = (0..<24).map { _ in UInt8.random(in: 0...255) }
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func value() throws -> SecretBytes {
        try SecretBytes(capacity: masked.count) { output in
            for byte in masked { output.append(byte ^ 0x5a) }
        }
    }

    @Test("SQLite allocates in the arena, from the store's share")
    func account() async {
        // A process of its own, where no other test opens and closes stores.
        await #expect(processExitsWith: .success) {
            try SQLiteMemory.install()
            let before = Arena.usage.bytes[.store] ?? 0
            let block = try unsafe #require(sqlite3_malloc(4 << 20))
            try #require((Arena.usage.bytes[.store] ?? 0) - before >= 4 << 20)
            unsafe sqlite3_free(block)
            try #require((Arena.usage.bytes[.store] ?? 0) - before < 1 << 20)
        }
    }

    #if MEMORY_PROBE
        @Test("nothing of a value is left in the arena once it was written, read and dropped")
        func residue() async throws {
            let backend = try store(directory.file("store.db"))
            do {
                let original = try value()
                _ = try await backend.put(SecretWrite(name: name("A")), value: original)
                #expect(ArenaProbe.count(masked: masked).full >= 1)
            }
            do {
                guard let fetched = try await backend.get(name("A"), version: "1") else {
                    Issue.record("the value is gone")
                    return
                }
                #expect(fetched.value.count == masked.count)
                #expect(ArenaProbe.count(masked: masked).full >= 1)
            }
            // The writer's copy goes with its job, which the answer does not wait for.
            _ = try await backend.delete(name("A"))
            let left = ArenaProbe.count(masked: masked)
            #expect(left.full == 0 && left.fragments == 0)
            await backend.close()
        }
    #endif

    @Test("the files hold no value")
    func files() async throws {
        let backend = try store(directory.file("store.db"))
        let plaintext = Data(masked)
        try await backend.write(name("A"), masked)
        for file in ["store.db", "store.db-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.file(file)))
            #expect(bytes.range(of: plaintext) == nil)
        }
        await backend.close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.file("store.db")))
        #expect(bytes.range(of: plaintext) == nil)
        #expect(bytes.range(of: Data("company.team".utf8)) != nil)
    }
}
