import Foundation

/// What did not happen in time.
struct Overdue: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Waits until `condition` holds. The time is generous: it bounds a failure, and says nothing of how fast things are.
func waitUntil(_ what: String, seconds: Double = 30, _ condition: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < end else { throw Overdue("not within \(seconds) s: \(what)") }
        usleep(5000)
    }
}

/// Threads of a test, and what went wrong on them.
final class Threads: Sendable {
    private let group = DispatchGroup()
    private let failures = Recorded<String>()

    func start(_ body: @escaping @Sendable () throws -> Void) {
        group.enter()
        Thread.detachNewThread { [self] in
            do { try body() } catch { failures.append("\(error)") }
            group.leave()
        }
    }

    /// Waits for all of them.
    func join(seconds: Double = 120) throws {
        guard group.wait(timeout: .now() + seconds) == .success else { throw Overdue("threads did not end") }
        if let first = failures.all.first { throw Overdue("\(failures.all.count) threads failed, such as: \(first)") }
    }
}
