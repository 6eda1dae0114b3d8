import Glibc
import SecretMemory
import Secrets

/// Waiting, and doing things at the same time.
enum Pace {
    /// Sleeps until a point on the boot clock.
    static func sleep(until instant: BootInstant) {
        var time = timespec()
        time.tv_sec = time_t(instant.nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(instant.nanoseconds % 1_000_000_000)
        while unsafe clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &time, nil) == EINTR {}
    }

    static func sleep(_ duration: Duration) { sleep(until: BootInstant.now.advanced(by: duration)) }

    /// Runs `body` with each number on a thread of its own, and waits for all of them.
    static func together(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
        var threads: [Running] = []
        for index in 0..<count {
            threads.append(Running(try DedicatedThread(name: "bench-\(index)") { body(index) }))
        }
        for thread in threads { thread.join() }
    }

    /// A class box: a thread's handle cannot be copied into an array.
    private final class Running {
        private var thread: DedicatedThread?

        init(_ thread: consuming DedicatedThread) { self.thread = consume thread }

        func join() { thread.take()?.join() }
    }
}
