internal import Synchronization

/// Whether the agent has to hand out nothing, because the others may have taken it for dead.
final class Fence: Sendable {
    private let flag = Atomic(false)

    var isUp: Bool { flag.load(ordering: .relaxed) }

    func raise() { flag.store(true, ordering: .releasing) }
    func lower() { flag.store(false, ordering: .releasing) }
}
