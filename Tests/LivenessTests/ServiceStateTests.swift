import Liveness
import Testing

@Suite("Service states")
struct ServiceStateTests {
    /// The whole table, written down a second time: columns are the states that may follow.
    static let table: [(ServiceState, [ServiceState])] = [
        (.created, [.created, .running, .error, .disconnected, .terminating, .maintenance]),
        (.running, [.running, .error, .disconnected, .terminating, .maintenance]),
        (.maintenance, [.maintenance, .running, .error, .disconnected, .terminating]),
        (.error, [.error, .terminating]),
        (.disconnected, [.disconnected, .terminating, .notRunning]),
        (.terminating, [.terminating, .terminatedGracefully, .terminatedForced, .notRunning]),
        (.terminatedGracefully, [.terminatedGracefully, .notRunning]),
        (.terminatedForced, [.terminatedForced, .notRunning]),
        (.notRunning, [.notRunning, .inactive]),
        (.inactive, [.inactive]),
    ]

    @Test("every pair of states is allowed or forbidden as the table says")
    func everyPair() {
        #expect(Self.table.map(\.0) == ServiceState.allCases.sorted { Self.index($0) < Self.index($1) })
        for (state, allowed) in Self.table {
            for next in ServiceState.allCases {
                #expect(state.mayBecome(next) == allowed.contains(next), "\(state) to \(next)")
                #expect(next.predecessors.contains(state) == allowed.contains(next))
            }
        }
    }

    private static func index(_ state: ServiceState) -> Int { table.firstIndex { $0.0 == state } ?? -1 }

    @Test("an instance moves where it may, and stays as it is where it may not", arguments: ServiceState.allCases)
    func moving(from state: ServiceState) {
        for next in ServiceState.allCases {
            var instance = Instances.make(state: state)
            let before = instance
            let moved = instance.move(to: next, at: 77, reason: "why")
            #expect(moved == state.mayBecome(next))
            if !moved {
                #expect(instance == before)
            } else {
                #expect(instance.state == next)
                #expect(instance.sequence == before.sequence + 1)
                #expect(instance.updatedAt == 77)
                #expect(instance.events.count == before.events.count + (next == state ? 0 : 1))
            }
        }
    }

    @Test("nothing leads back from DISCONNECTED to a running state, over any number of steps")
    func noWayBack() {
        var reached: Set<ServiceState> = [.disconnected]
        while true {
            let next = reached.union(reached.flatMap(\.successors))
            if next == reached { break }
            reached = next
        }
        #expect(!reached.contains { $0.isRunning })
    }

    @Test("names are those of the documentation, the old one of INACTIVE included")
    func names() {
        #expect(ServiceState(name: "EMPTY") == .inactive)
        #expect(ServiceState(name: "INACTIVE") == .inactive)
        #expect(ServiceState(name: "TERMINATED_FORCED") == .terminatedForced)
        #expect(ServiceState(name: "running") == nil)
        #expect(ServiceState(name: "") == nil)
    }

    @Test("the list of events keeps the latest and does not grow without bound")
    func events() {
        var instance = Instances.make(state: .running)
        for time in 1...100 {
            instance.move(to: instance.state == .running ? .maintenance : .running, at: Int64(time))
        }
        #expect(instance.events.count == ServiceInstance.eventLimit)
        #expect(instance.events.last?.time == 100)
    }
}

enum Instances {
    static func make(
        id: String = "i1",
        state: ServiceState,
        sequence: UInt64 = 1,
        server: String = "s1",
        rules: LivenessRules = LivenessRules()
    ) -> ServiceInstance {
        ServiceInstance(
            id: id,
            type: "AGENT",
            state: state,
            sequence: sequence,
            server: ServiceInstance.Server(id: server, version: "1", node: "n"),
            createdAt: 0,
            updatedAt: 0,
            events: [],
            rules: rules
        )
    }
}
