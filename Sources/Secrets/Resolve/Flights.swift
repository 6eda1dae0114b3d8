internal import Synchronization

/// What became of one level of a namespace.
enum LevelAnswer: Sendable {
    case found(ResolvedSecret)
    case notFound
    case failed(BackendError)
}

/// The fetches that are under way: one for all who want the same name at the same time. One that nobody waits for any more goes
/// on, because who gave up may ask again, and is cancelled where its time is over.
final class Flights: Sendable {
    /// A place in a fetch; ``wait(_:)`` ends it.
    struct Seat: Sendable {
        fileprivate let key: StoredKey
        fileprivate let number: UInt64
        fileprivate let task: Task<LevelAnswer, Never>
    }

    enum Boarding: Sendable {
        /// The answer has come in the meantime.
        case answered(LevelAnswer)
        case seat(Seat)
    }

    private struct Flight: Sendable {
        let task: Task<LevelAnswer, Never>
        let number: UInt64
        /// When it should have ended.
        let deadline: BootInstant
        var waiting: Int
    }

    private struct State: Sendable {
        var inTheAir: [StoredKey: Flight] = [:]
        var lastNumber: UInt64 = 0
    }

    private let time: TimeSource
    private let state = Mutex(State())

    init(time: TimeSource) { self.time = time }

    /// Joins the fetch of a name, or begins it.
    ///
    /// - Parameters:
    ///   - deadline: when a fetch that is begun here should end.
    ///   - answered: looks once more for an answer before a fetch is begun. A fetch leaves the list only after its answer is there.
    ///   - begin: makes the task of a fetch; called under the lock, so that a write which comes later takes it off the list. What it
    ///     starts must call ``landed(_:number:)`` at its end.
    func board(
        _ key: StoredKey,
        until deadline: BootInstant,
        unless answered: () -> LevelAnswer?,
        begin: (_ number: UInt64) -> Task<LevelAnswer, Never>
    ) -> Boarding {
        state.withLock { state in
            if var flight = state.inTheAir[key] {
                flight.waiting += 1
                state.inTheAir[key] = flight
                return .seat(Seat(key: key, number: flight.number, task: flight.task))
            }
            if let answer = answered() { return .answered(answer) }
            state.lastNumber += 1
            let flight = Flight(
                task: begin(state.lastNumber),
                number: state.lastNumber,
                deadline: deadline,
                waiting: 1
            )
            state.inTheAir[key] = flight
            return .seat(Seat(key: key, number: flight.number, task: flight.task))
        }
    }

    /// Waits for the answer. A task that is cancelled leaves; the last to leave a fetch that is late ends it.
    func wait(_ seat: Seat) async -> LevelAnswer {
        await withTaskCancellationHandler {
            await seat.task.value
        } onCancel: {
            leave(seat)
        }
    }

    private func leave(_ seat: Seat) {
        let now = time.now()
        let isOver = state.withLock { state in
            guard var flight = state.inTheAir[seat.key], flight.number == seat.number else { return false }
            flight.waiting -= 1
            let isOver = flight.waiting == 0 && now >= flight.deadline
            // Nobody may join what is about to be cancelled.
            state.inTheAir[seat.key] = isOver ? nil : flight
            return isOver
        }
        if isOver { seat.task.cancel() }
    }

    /// The fetch has its answer, which is where later callers look first.
    func landed(_ key: StoredKey, number: UInt64) {
        state.withLock { state in
            if state.inTheAir[key]?.number == number { state.inTheAir[key] = nil }
        }
    }

    /// Who asks from now on must not join a fetch that began before a write to this name.
    func forget(_ name: SecretName) {
        state.withLock { state in
            state.inTheAir = state.inTheAir.filter { key, _ in
                !key.name.key.hasSameBytes(as: name.key) || !key.name.tenant.hasSameBytes(as: name.tenant)
            }
        }
    }
}
