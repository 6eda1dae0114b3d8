import Backends
import Foundation
import Secrets
import Testing

@Suite("A store survives")
struct StoreDurabilityTests {
    @Test("a killed writer loses no acknowledged write, wherever it was", arguments: 0..<8)
    func killedWriter(round: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.db")
        var highest: [String: Int] = [:]
        // The second run meets the first one's unfinished log.
        for _ in 0..<2 {
            let process = try StoreProcess([path, "100000"])
            var acknowledged = process.acknowledged(1 + round * 7)
            acknowledged += process.kill()
            #expect(!acknowledged.isEmpty)
            highest = Dictionary(
                acknowledged.map { ($0 % 2 == 0 ? "KEY-\($0)" : "KEY-SHARED", $0) },
                uniquingKeysWith: max
            )
        }
        let backend = try store(path)
        try await backend.connect()
        for (key, number) in highest {
            let bytes = try await backend.read(name(key, namespace: "company"))
            let text = try #require(bytes.map { String(decoding: $0, as: UTF8.self) })
            let found = try #require(Int(text.dropFirst("value ".count)))
            // The write after the last acknowledged one may have been made, too.
            #expect(key == "KEY-SHARED" ? found == number || found == number + 2 : found == number)
        }
        await backend.close()
    }

    @Test("writers of two agents lose no write of each other")
    func concurrentWriters() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.db")
        let backends = try (0..<2).map { _ in
            try store(path, options: { $0.busyTimeout = .seconds(10) })
        }
        try await backends[0].connect()
        try await expectNoWriteIsLost(backends, tasks: 8, writes: 25)
        for backend in backends { await backend.close() }
    }

    @Test("closing moves everything into the one file")
    func closing() async throws {
        let directory = try TemporaryDirectory()
        let backend = try store(directory.file("store.db"))
        try await backend.write(name("A"), [1])
        await backend.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["store.db"])
    }

    @Test("a store restarts where it was, and its versions go on")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.db")
        let before = try store(path)
        try await before.write(name("A"), [1])
        _ = try await before.delete(name("A"))
        await before.close()
        let after = try store(path)
        #expect(try await after.read(name("A")) == nil)
        #expect(try await after.write(name("A"), [2]) == "3")
        await after.close()
    }
}
