import Testing
import Wire

@testable import TacitClient

@Suite("When a call is made again")
struct RetriesTests {
    private let absent = ChannelFailure.absent(.unreachable("nobody"))

    private func lost(sent: Bool, _ reason: Reason? = nil) -> ChannelFailure {
        guard let reason else { return .lost(.unreachable("cut"), sent: sent) }
        return .lost(.refused(ClientError.Refusal(status: .unavailable, reason: reason, message: "")), sent: sent)
    }

    private func mayGoOn(_ failure: ChannelFailure, repeatable: Bool = true, wasKept: Bool = false) -> Bool {
        var retries = Retries(repeatable: repeatable)
        return retries.pause(after: failure, wasKept: wasKept) != nil
    }

    @Test func `what was not sent is sent again, whatever it is`() {
        for repeatable in [true, false] {
            #expect(mayGoOn(lost(sent: false), repeatable: repeatable))
            #expect(mayGoOn(lost(sent: false, .shuttingDown), repeatable: repeatable))
            #expect(mayGoOn(lost(sent: false, .idle), repeatable: repeatable))
        }
    }

    @Test func `what may have been carried out is sent again only if that does no harm`() {
        for reason in [nil, Reason.shuttingDown, .idle] {
            #expect(mayGoOn(lost(sent: true, reason)))
            #expect(!mayGoOn(lost(sent: true, reason), repeatable: false))
        }
    }

    @Test func `an answer, or a connection that is refused for a reason that stays, is not asked for again`() {
        #expect(!mayGoOn(.final(.timedOut(after: .zero))))
        #expect(!mayGoOn(lost(sent: false, .connectionLimit)))
        #expect(!mayGoOn(lost(sent: true, Reason(rawValue: "UNAUTHENTICATED"))))
        // It may have been a certificate of before, and is shown the one of now.
        #expect(mayGoOn(lost(sent: true, Reason(rawValue: "UNAUTHENTICATED")), wasKept: true))
    }

    @Test func `nobody is waited for who was not there`() {
        #expect(!mayGoOn(absent))
        var retries = Retries(repeatable: false)
        #expect(retries.pause(after: lost(sent: false, .shuttingDown)) != nil)
        #expect(retries.pause(after: absent) != nil)
        var other = Retries(repeatable: false, wasServed: true)
        #expect(other.pause(after: absent) != nil)
    }

    @Test func `pauses grow to half a second, and there is an end`() {
        var retries = Retries(repeatable: true)
        var pauses: [Duration] = []
        while let pause = retries.pause(after: lost(sent: true, .shuttingDown), chance: 1) { pauses.append(pause) }
        #expect(pauses.count == Retries.connections)
        #expect(pauses.prefix(4) == [.milliseconds(10), .milliseconds(20), .milliseconds(40), .milliseconds(80)])
        #expect(pauses.last == .milliseconds(500))
        var chanced = Retries(repeatable: true)
        #expect(chanced.pause(after: lost(sent: false), chance: 0) == .milliseconds(5))
        #expect(chanced.pause(after: lost(sent: false), wasKept: true) == .zero)
    }

    @Test func `an agent that ends each connection without a word gets a call three times`() {
        var retries = Retries(repeatable: true)
        var count = 0
        while retries.pause(after: lost(sent: true)) != nil { count += 1 }
        #expect(count == Retries.repetitions)
    }
}
