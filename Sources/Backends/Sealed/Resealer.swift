internal import Secrets
internal import Synchronization

/// What one look at a whole store did.
struct ResealingTally: Equatable, Sendable {
    var resealed = 0
    /// Values that could not be opened.
    var left = 0
}

/// Seals again under the current secret what stands under previous ones, while the agent runs, and looks again and again
/// for what other agents still seal under them. Versions stay as they are: the values have not changed. Several agents may
/// do it at the same time: each write has its condition, and who is second leaves it.
final class Resealer: Sendable {
    /// Once through the store.
    typealias Pass = @Sendable () async throws(BackendError) -> ResealingTally

    /// The time from one look to the next where there was nothing to do, and where there was or it failed.
    static let pause = Duration.seconds(300)
    static let shortPause = Duration.seconds(10)

    private let section: String
    private let time: TimeSource
    private let notices: BackendNotices
    private let pass: Pass
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter section: of the configuration, for the words of notices.
    init(section: String, time: TimeSource, notices: @escaping BackendNotices, pass: @escaping Pass) {
        self.section = section
        self.time = time
        self.notices = notices
        self.pass = pass
    }

    deinit { stop() }

    /// Begins, where it has not begun yet.
    func start() {
        task.withLock { task in
            guard task == nil else { return }
            let (section, time, notices, pass) = (section, time, notices, pass)
            task = Task { await Self.run(section, time, notices, pass) }
        }
    }

    func stop() { task.withLock { $0?.cancel() } }

    /// Without the resealer itself, which ends the task when it goes.
    private static func run(
        _ section: String,
        _ time: TimeSource,
        _ notices: BackendNotices,
        _ pass: Pass
    ) async {
        var (last, hasFailed) = (ResealingTally?.none, false)
        while !Task.isCancelled {
            do throws(BackendError) {
                let tally = try await pass()
                if tally.resealed > 0 {
                    notices("\(section): \(tally.resealed) values are sealed under the new secret")
                }
                if tally.left > 0, last?.left != tally.left {
                    notices("\(section): \(tally.left) values could not be opened and stay as they are")
                }
                if tally == ResealingTally(), last != tally {
                    notices(
                        """
                        \(section): nothing is sealed under previous-secrets any more; they can go once every agent has \
                        the new secret
                        """
                    )
                }
                (last, hasFailed) = (tally, false)
            } catch {
                if !hasFailed, !Task.isCancelled {
                    notices("\(section): sealing again was interrupted: \(error.words)")
                }
                hasFailed = true
            }
            let isShort = hasFailed || last?.resealed ?? 0 > 0
            try? await time.sleep((isShort ? shortPause : pause) * Double.random(in: 0.75...1.25))
        }
    }
}
