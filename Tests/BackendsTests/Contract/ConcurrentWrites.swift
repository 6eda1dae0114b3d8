import Secrets
import Testing

/// Lets tasks write one secret through backends that share a store, and expects that every write counts.
///
/// - Parameter writes: how many each task makes.
func expectNoWriteIsLost(_ backends: [any SecretBackend], tasks: Int, writes: Int) async throws {
    await withTaskGroup { group in
        for task in 0..<tasks {
            group.addTask {
                var left = writes
                while left > 0 {
                    do throws(BackendError) {
                        try await backends[task % backends.count].write(name("SHARED"), [UInt8(task)])
                        left -= 1
                    } catch {
                        // Five attempts may be lost to the others; that is an answer, and no write.
                        guard error == .conflict else {
                            Issue.record("\(error)")
                            return
                        }
                    }
                }
            }
        }
    }
    #expect(try await backends[1].write(name("SHARED"), []) == "\(tasks * writes + 1)")
}
