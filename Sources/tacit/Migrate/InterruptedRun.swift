internal import Agent
internal import Migration
internal import SecretMemory
internal import Synchronization

/// Work that ends by itself soon after a signal asks for it. A second signal waits for nothing.
enum InterruptedRun {
    /// How often it is looked whether the work is done, in milliseconds.
    private static let interval: CInt = 100

    /// Runs `body`, and makes the stop when a signal comes; after `grace` its task is cancelled.
    ///
    /// - Returns: what `body` returned; where a signal came, with its status.
    static func watch(
        _ signals: Signals,
        grace: Duration,
        _ body: @escaping @Sendable (StopRequest) async -> RunEnd
    ) async throws -> RunEnd {
        let stop = StopRequest()
        let task = Task { await body(stop) }
        let watch = Watch(signals, stop, task, grace)
        let thread: DedicatedThread
        do throws(DedicatedThread.Refusal) {
            thread = try DedicatedThread(name: "tacit-signals") { watch.run() }
        } catch {
            task.cancel()
            throw CommandFailure(ProcessEnd.usage, "no thread can be started: \(systemText(error.code))")
        }
        var end = await task.value
        watch.isDone.store(true, ordering: .releasing)
        thread.join()
        let number = watch.signal.load(ordering: .acquiring)
        if number != 0, end.wasStopped { end.status = 128 + number }
        return end
    }

    private final class Watch: Sendable {
        let isDone = Atomic(false)
        /// The signal that came; 0 for none.
        let signal = Atomic<CInt>(0)
        private let signals: Signals
        private let stop: StopRequest
        private let task: Task<RunEnd, Never>
        private let grace: Duration

        init(_ signals: Signals, _ stop: StopRequest, _ task: Task<RunEnd, Never>, _ grace: Duration) {
            self.signals = signals
            self.stop = stop
            self.task = task
            self.grace = grace
        }

        func run() {
            var patience: ContinuousClock.Instant?
            while !isDone.load(ordering: .acquiring) {
                if let event = signals.wait(milliseconds: InterruptedRun.interval) {
                    let number =
                        switch event {
                        case .terminate(let number): number
                        // The terminal has gone.
                        case .reload: CInt(1)
                        }
                    if stop.isMade { ProcessEnd.exitWiped(128 + number) }
                    signal.store(number, ordering: .releasing)
                    stop.make()
                    patience = .now + grace
                    StandardError.write("tacit: ending what is under way; the next signal waits for nothing")
                }
                if let end = patience, end < .now { task.cancel() }
            }
        }
    }
}

/// How a run ended.
struct RunEnd: Sendable {
    var status: CInt
    /// For standard error, a line each.
    var messages: [String] = []
    /// Whether it ended before its end because it was told to.
    var wasStopped = false
}
