import Backends
import Synchronization

/// What an operator is told.
final class NoticeLog: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var handler: BackendNotices { { line in self.lines.withLock { $0.append(line) } } }
}
