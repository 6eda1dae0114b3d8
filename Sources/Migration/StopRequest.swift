internal import Synchronization

/// The word to stop, which one task gives and others look at.
package final class StopRequest: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package var isMade: Bool { flag.load(ordering: .acquiring) }

    package func make() { flag.store(true, ordering: .releasing) }
}
