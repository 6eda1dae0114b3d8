import Secrets
import Testing

/// Has several tasks write one secret at the same time, each through one of the agents, until each has made its writes.
func writeAtOnce(_ name: SecretName, through backends: [any SecretBackend], tasks: Int, writes: Int) async {
    await withTaskGroup { group in
        for task in 0..<tasks {
            group.addTask {
                var left = writes
                while left > 0 {
                    do throws(BackendError) {
                        try await backends[task % backends.count].write(name, [UInt8(task)])
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
}
