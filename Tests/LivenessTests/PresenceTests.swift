import Liveness
import Synchronization
import Testing

@Suite("An agent's own instance")
struct PresenceTests {
    private static func make(enabled: Bool = true) -> Presence {
        var rules = LivenessRules()
        rules.isEnabled = enabled
        rules.timeout = .seconds(45)
        let count = SharedCount()
        return Presence(
            version: "1",
            node: "n",
            rules: rules,
            naming: {
                let number = count.next()
                return ("instance-\(number)", "server-\(number)")
            },
            at: .zero,
            time: 0
        )
    }

    private static func serving() throws -> Presence {
        var presence = make()
        _ = presence.beat(at: .zero, time: 0)
        #expect(presence.wrote(.written, at: .zero, time: 0) == [])
        #expect(presence.phase == .serving)
        return presence
    }

    @Test("it is registered first and beats from then on")
    func beats() throws {
        var presence = Self.make()
        guard case .register(let first) = presence.beat(at: .zero, time: 5) else {
            Issue.record("not registered")
            return
        }
        #expect(first.state == .running)
        #expect(first.events.map(\.state) == [.created, .running])
        _ = presence.wrote(.written, at: .zero, time: 5)
        guard case .update(let second) = presence.beat(at: .seconds(3), time: 3005) else {
            Issue.record("not updated")
            return
        }
        #expect(second.id == first.id)
        #expect(second.sequence == first.sequence + 1)
        #expect(second.events == first.events)
    }

    @Test("what cannot be written for longer than the time-out is fenced, and recovers as a new instance")
    func fencing() throws {
        var presence = try Self.serving()
        let old = presence.instance.id
        for second in stride(from: 3, through: 45, by: 3) {
            _ = presence.beat(at: .seconds(second), time: 0)
            #expect(presence.failed("gone", at: .seconds(second), time: 0) == [])
        }
        _ = presence.beat(at: .seconds(48), time: 0)
        let effects = presence.failed("gone", at: .seconds(48), time: 0)
        #expect(effects.count == 1)
        guard case .fence(let why)? = effects.first else {
            Issue.record("not fenced")
            return
        }
        #expect(why.contains("gone"))
        #expect(presence.phase == .fenced)
        // Told once, and it goes on trying.
        _ = presence.beat(at: .seconds(51), time: 0)
        #expect(presence.failed("gone", at: .seconds(51), time: 0) == [])
        guard case .register(let anew) = presence.beat(at: .seconds(54), time: 9) else {
            Issue.record("not registered anew")
            return
        }
        #expect(anew.id != old)
        #expect(anew.server.id != "server-1")
        #expect(presence.wrote(.written, at: .seconds(54), time: 9) == [.resume])
        #expect(presence.phase == .serving)
    }

    @Test("who was declared dead while it slept is fenced at once and comes back as another")
    func declaredDead() throws {
        var presence = try Self.serving()
        _ = presence.beat(at: .seconds(500), time: 0)
        let effects = presence.wrote(.refused(.disconnected), at: .seconds(500), time: 0)
        #expect(effects.count == 2)
        #expect(effects.last == .hurry)
        guard case .register(let anew) = presence.beat(at: .seconds(500), time: 0) else {
            Issue.record("not registered anew")
            return
        }
        #expect(anew.id == "instance-2")
        #expect(presence.wrote(.written, at: .seconds(500), time: 0) == [.resume])
    }

    @Test("a first failure after a pause of its own is no reason to fence; the second is")
    func clockJump() throws {
        var presence = try Self.serving()
        _ = presence.beat(at: .seconds(3600), time: 0)
        #expect(presence.failed("gone", at: .seconds(3600), time: 0) == [])
        _ = presence.beat(at: .seconds(3603), time: 0)
        #expect(presence.failed("gone", at: .seconds(3603), time: 0).count == 1)
    }

    @Test("a registry that takes longer to fail than the time-out fences, too")
    func slowFailures() throws {
        var presence = try Self.serving()
        var fencedAt: Int?
        for second in stride(from: 3, through: 300, by: 60) {
            _ = presence.beat(at: .seconds(second), time: 0)
            let effects = presence.failed("gone", at: .seconds(second + 57), time: 0)
            if !effects.isEmpty, fencedAt == nil { fencedAt = second + 57 }
        }
        #expect(fencedAt == 60)
    }

    @Test("without liveness it is never fenced")
    func disabled() {
        var presence = Self.make(enabled: false)
        for second in stride(from: 0, through: 300, by: 3) {
            _ = presence.beat(at: .seconds(second), time: 0)
            #expect(presence.failed("gone", at: .seconds(second), time: 0) == [])
        }
    }

    @Test("a registry that is away from the start on fences after the time-out, too")
    func neverThere() {
        var presence = Self.make()
        var fencedAt: Int?
        for second in stride(from: 0, through: 60, by: 3) {
            _ = presence.beat(at: .seconds(second), time: 0)
            if !presence.failed("gone", at: .seconds(second), time: 0).isEmpty { fencedAt = second }
        }
        #expect(fencedAt == 48)
        // Nobody has seen it, so it needs no new name.
        #expect(presence.instance.id == "instance-1")
    }

    @Test("a row that somebody deleted is written again")
    func deleted() throws {
        var presence = try Self.serving()
        _ = presence.beat(at: .seconds(3), time: 0)
        #expect(presence.wrote(.missing, at: .seconds(3), time: 0) == [.hurry])
        guard case .register(let again) = presence.beat(at: .seconds(3), time: 0) else {
            Issue.record("not registered again")
            return
        }
        #expect(again.id == "instance-1")
        #expect(again.state == .running)
    }

    @Test("it goes through TERMINATING to a terminal state, after which no beat comes")
    func ending() throws {
        var presence = try Self.serving()
        guard case .update(let leaving)? = presence.leave(at: 1) else {
            Issue.record("no farewell")
            return
        }
        #expect(leaving.state == .terminating)
        guard case .update(let beat)? = presence.beat(at: .seconds(3), time: 2) else {
            Issue.record("no beat while it ends")
            return
        }
        #expect(beat.state == .terminating)
        guard case .update(let last)? = presence.end(gracefully: true, at: 3) else {
            Issue.record("no last word")
            return
        }
        #expect(last.state == .terminatedGracefully)
        #expect(presence.beat(at: .seconds(6), time: 4) == nil)
        #expect(presence.end(gracefully: true, at: 5) == nil)
    }

    @Test("who was told to hurry ends by force")
    func forced() throws {
        var presence = try Self.serving()
        _ = presence.leave(at: 1)
        guard case .update(let last)? = presence.end(gracefully: false, at: 3) else {
            Issue.record("no last word")
            return
        }
        #expect(last.state == .terminatedForced)
    }

    @Test("who never was registered, or is fenced, takes no leave")
    func nobody() throws {
        var presence = Self.make()
        #expect(presence.leave(at: 0) == nil)
        #expect(presence.end(gracefully: true, at: 0) == nil)
        #expect(presence.beat(at: .zero, time: 0) == nil)
    }
}

/// Counts up from 1.
final class SharedCount: Sendable {
    private let value = Atomic(0)
    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
