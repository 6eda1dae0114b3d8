import Liveness
import Testing

@Suite("The coordinator")
struct CoordinatorTests {
    private static func rules(_ change: (inout LivenessRules) -> Void = { _ in }) -> LivenessRules {
        var rules = LivenessRules()
        rules.timeout = .seconds(10)
        rules.initialDelay = .zero
        rules.terminationGracePeriod = .seconds(20)
        change(&rules)
        return rules
    }

    private static func row(
        _ state: ServiceState,
        sequence: UInt64 = 1,
        server: String = "other",
        age: Duration = .zero,
        rules: LivenessRules = rules()
    ) -> RegistryListing {
        let instance = Instances.make(state: state, sequence: sequence, server: server, rules: rules)
        return RegistryListing(rows: [RegistryListing.Row(instance: instance, age: age)])
    }

    private static func make() -> Coordinator { Coordinator(ownServer: "own", interval: .seconds(1)) }

    /// Shows the same listing each second and gives back the first second with a verdict.
    private func firstVerdict(
        _ coordinator: inout Coordinator,
        _ listing: RegistryListing,
        _ range: ClosedRange<Int>
    ) -> (second: Int, state: ServiceState)? {
        for second in range {
            if let verdict = coordinator.judge(listing, at: .seconds(second)).first { return (second, verdict.state) }
        }
        return nil
    }

    @Test(
        "each state leads to the next when its time has come",
        arguments: [
            (ServiceState.created, 11 as Int?, ServiceState.disconnected as ServiceState?),
            (.running, 11, .disconnected),
            (.maintenance, 11, .disconnected), (.error, 11, .terminating), (.disconnected, 21, .notRunning),
            (.terminating, 21, .notRunning), (.terminatedForced, 21, .notRunning),
            (.terminatedGracefully, 0, .notRunning), (.notRunning, 0, .inactive), (.inactive, nil, nil),
        ]
    )
    func verdicts(state: ServiceState, second: Int?, next: ServiceState?) {
        var coordinator = Self.make()
        let first = firstVerdict(&coordinator, Self.row(state), 0...60)
        #expect(first?.second == second)
        #expect(first?.state == next)
    }

    @Test("who beats is left alone, for as long as it beats")
    func beating() {
        var coordinator = Self.make()
        for second in 0..<100 {
            let listing = Self.row(.running, sequence: UInt64(second / 9))
            #expect(coordinator.judge(listing, at: .seconds(second)).isEmpty)
        }
    }

    @Test("beats do not prolong a grace period")
    func terminatingAndBeating() {
        var coordinator = Self.make()
        var second = 0
        while second < 60 {
            let verdicts = coordinator.judge(Self.row(.terminating, sequence: UInt64(second)), at: .seconds(second))
            if !verdicts.isEmpty { break }
            second += 1
        }
        #expect(second == 21)
    }

    @Test("its own process and those that do not want it are not judged")
    func exceptions() {
        var coordinator = Self.make()
        #expect(firstVerdict(&coordinator, Self.row(.running, server: "own"), 0...100) == nil)
        let unjudged = Self.row(.running, rules: Self.rules { $0.isEnabled = false })
        #expect(firstVerdict(&coordinator, unjudged, 101...200) == nil)
    }

    @Test("a young instance is given its initial delay")
    func young() {
        var coordinator = Self.make()
        let listing = Self.row(.running, rules: Self.rules { $0.initialDelay = .seconds(30) })
        #expect(firstVerdict(&coordinator, listing, 0...100)?.second == 30)
    }

    @Test("what the registry's clock says counts only as far as it can be true")
    func ages() {
        var coordinator = Self.make()
        _ = coordinator.judge(Self.row(.running, sequence: 1), at: .zero)
        // The registry's clock jumped: the beat cannot be older than the look before.
        #expect(coordinator.judge(Self.row(.running, sequence: 2, age: .seconds(3600)), at: .seconds(1)).isEmpty)
        #expect(firstVerdict(&coordinator, Self.row(.running, sequence: 2), 2...30)?.second == 11)
        // Nor younger than now.
        var other = Self.make()
        _ = other.judge(Self.row(.running, sequence: 1, age: .seconds(-3600)), at: .zero)
        #expect(firstVerdict(&other, Self.row(.running, sequence: 1), 1...30)?.second == 11)
    }

    @Test("an outage of the registry is nobody's silence")
    func outage() {
        var coordinator = Self.make()
        _ = coordinator.judge(Self.row(.running), at: .zero)
        for second in 1...500 { coordinator.sawNothing(at: .seconds(second)) }
        #expect(firstVerdict(&coordinator, Self.row(.running), 501...509) == nil)
        #expect(firstVerdict(&coordinator, Self.row(.running), 510...530) != nil)
    }

    @Test("a pause of its own is nobody's silence")
    func pause() {
        var coordinator = Self.make()
        _ = coordinator.judge(Self.row(.running), at: .zero)
        #expect(coordinator.judge(Self.row(.running), at: .seconds(28_800)).isEmpty)
        #expect(firstVerdict(&coordinator, Self.row(.running), 28_801...28_808) == nil)
        #expect(firstVerdict(&coordinator, Self.row(.running), 28_809...28_810)?.state == .disconnected)
    }

    @Test("a verdict names what it was judged by")
    func sequence() {
        var coordinator = Self.make()
        let verdicts = coordinator.judge(Self.row(.terminatedGracefully, sequence: 9), at: .zero)
        #expect(verdicts == [Verdict(id: "i1", sequence: 9, state: .notRunning, reason: "")])
    }
}
