import Glibc
import SecretMemory
import Synchronization

/// Threads that begin their work at the same time.
enum Threads {
    /// Runs `body` on so many threads, numbered from 1, and waits for all of them.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
        let line = StartingLine(count)
        try start(count) { number in
            line.wait()
            body(number)
        }
    }

    /// One after the other by recursion, because a thread's owner cannot be put into an array.
    private static func start(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
        guard count > 0 else { return }
        let thread = try DedicatedThread(name: "test-\(count)") { body(count) }
        do { try start(count - 1, body) } catch {
            thread.join()
            throw error
        }
        thread.join()
    }

    private final class StartingLine: Sendable {
        private let missing: Atomic<Int>

        init(_ count: Int) { missing = Atomic(count) }

        func wait() {
            missing.subtract(1, ordering: .acquiringAndReleasing)
            while missing.load(ordering: .acquiring) > 0 { sched_yield() }
        }
    }
}
