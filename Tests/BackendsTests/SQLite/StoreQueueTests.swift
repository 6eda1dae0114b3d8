import Backends
import Foundation
import Secrets
import Testing

@Suite("A store's threads")
struct StoreQueueTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("store.db")
    }

    @Test("calls beyond the queue's limit are throttled at once, and the store recovers")
    func overload() async throws {
        let backend = try store(path, options: { $0.queueLimit = 1 })
        try await backend.connect()
        let raw = try RawDatabase(path)
        try raw.execute("BEGIN IMMEDIATE")
        let errors = await withTaskGroup(of: BackendError?.self) { group in
            for index in 0..<6 {
                group.addTask {
                    await backendError { () throws(BackendError) in try await backend.write(name("K\(index)"), [1]) }
                }
            }
            var errors: [BackendError] = []
            for await error in group { if let error { errors.append(error) } }
            return errors
        }
        #expect(errors.count == 6)
        // One runs and one waits; whatever else came meanwhile was turned away.
        #expect(errors.count { $0 == .throttled(retryAfter: .milliseconds(100)) } >= 3)
        try raw.execute("ROLLBACK")
        #expect(try await backend.write(name("AFTER"), [1]) == "1")
        await backend.close()
    }

    @Test("a cancelled task does not wait for the database")
    func cancellation() async throws {
        let backend = try store(path, options: { $0.busyTimeout = .seconds(5) })
        try await backend.connect()
        let raw = try RawDatabase(path)
        try raw.execute("BEGIN IMMEDIATE")
        let start = ContinuousClock.now
        let task = Task { await backendError { () throws(BackendError) in try await backend.write(name("A"), [1]) } }
        task.cancel()
        #expect(await task.value == .unavailable(detail: "the caller gave up"))
        #expect(start.duration(to: .now) < .seconds(2))
        try raw.execute("ROLLBACK")
        await backend.close()
    }

    @Test("a closed store answers, and does not hang")
    func closed() async throws {
        let backend = try store(path)
        try await backend.connect()
        await backend.close()
        let error = await backendError { () throws(BackendError) in try await backend.read(name("A")) }
        #expect(error == .unavailable(detail: "the store is closed"))
        await backend.close()
    }

    @Test("many readers and a writer see only whole values")
    func readersAndWriter() async throws {
        let backend = try store(path, options: { $0.readers = 3 })
        try await backend.write(name("A"), [UInt8](repeating: 0, count: 3000))
        try await withThrowingTaskGroup { group in
            group.addTask {
                for round in 1...40 {
                    try await backend.write(name("A"), [UInt8](repeating: UInt8(round), count: 3000))
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<100 {
                        let bytes = try #require(try await backend.read(name("A")))
                        #expect(bytes.count == 3000 && Set(bytes).count == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        await backend.close()
    }
}
