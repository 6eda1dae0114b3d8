import SecretMemory
import Secrets
import Synchronization
import TLS

/// Clients that ask for cached secrets as fast as they are answered, so many at a time.
final class FullLoad: Sendable {
    static let count = 2
    /// Requests that a client sends before it reads their answers.
    private static let ahead = 32

    private let links: [Link]
    private let isOver = Atomic(false)
    private let answered = Atomic<Int>(0)
    private let failure = Mutex<(any Error)?>(nil)
    private let threads = Mutex<[Running]>([])

    /// A class box: a thread's handle cannot be copied into an array.
    private final class Running: Sendable {
        private let thread: Mutex<DedicatedThread?>

        init(_ thread: consuming sending DedicatedThread) { self.thread = Mutex(thread) }

        func join() {
            var taken: DedicatedThread? = nil
            thread.withLock { swap(&$0, &taken) }
            taken.take()?.join()
        }
    }

    init(_ scene: Scene) throws {
        let context = try ClientContext(files: Scene.worker(beside: scene.socket))
        links = try (0..<Self.count).map { _ in try Link(scene.socket, context) }
    }

    func start() throws {
        isOver.store(false, ordering: .relaxed)
        for (index, link) in links.enumerated() {
            let running = Running(try DedicatedThread(name: "load-\(index)") { [self] in ask(link) })
            threads.withLock { $0.append(running) }
        }
    }

    func stop() throws {
        isOver.store(true, ordering: .relaxed)
        let running = threads.withLock { threads in
            let running = threads
            threads = []
            return running
        }
        for thread in running { thread.join() }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Answers a second while `body` runs.
    func rate(_ body: () throws -> Void) throws -> Double {
        let (start, before) = (BootInstant.now, answered.load(ordering: .relaxed))
        try body()
        let elapsed = BootInstant.now.nanoseconds(since: start)
        return Double(answered.load(ordering: .relaxed) - before) * 1_000_000_000 / Double(max(1, elapsed))
    }

    private func ask(_ link: Link) {
        do {
            let requests = try (1...UInt32(Self.ahead)).flatMap { try Link.request(Scene.key(0), id: $0) }
            while !isOver.load(ordering: .relaxed) {
                guard link.write(requests) == requests.count else { throw Failure("the agent hung up") }
                for _ in 0..<Self.ahead { try link.takeAnswer() }
                answered.add(Self.ahead, ordering: .relaxed)
            }
        } catch {
            failure.withLock { $0 = error }
        }
    }
}
