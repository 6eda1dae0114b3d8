import Glibc
import Testing

@testable import Agent

@Suite("What an agent tells its service manager", .onItsOwnThread)
struct NoticeTests {
    private static func now(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    @Test func `it tells of its start, of reloads and of its end`() throws {
        let agent = try Program(managed: { try ServiceManager($0) })
        let manager = try #require(agent.manager)
        try manager.await("READY=1")
        #expect(try manager.await("STATUS=serving on ").hasPrefix("unix:///"))

        let before = Self.now(CLOCK_MONOTONIC)
        try agent.reload()
        try waitUntil("it serves again") { manager.count("READY=1") == 2 }
        let time = try #require(UInt64(manager.await("MONOTONIC_USEC=")))
        #expect(time >= before)
        #expect(time <= Self.now(CLOCK_MONOTONIC))
        let order = manager.lines.filter { !$0.hasPrefix("STATUS") && !$0.hasPrefix("MONOTONIC") }
        #expect(order == ["READY=1", "RELOADING=1", "READY=1"])

        agent.configuration.more = "nonsense: true"
        try agent.reload(until: "the new configuration was refused")
        try waitUntil("it serves again") { manager.count("READY=1") == 3 }
        #expect(manager.lines.last { $0.hasPrefix("STATUS=") }?.contains("was refused: ") == true)

        #expect(try agent.end() == 0)
        let end = manager.lines.drop { $0 != "STOPPING=1" }
        #expect(!end.isEmpty)
        // The grace of 10 s, and what comes behind it.
        let extensions = end.filter { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") }.compactMap { UInt64($0.dropFirst(20)) }
        #expect(extensions.allSatisfy { $0 >= 10_000_000 && $0 <= 20_000_000 })
        #expect(!extensions.isEmpty)
        #expect(end.allSatisfy { $0 != "READY=1" })
    }

    @Test func `a service manager that is not there, or does not read, stops nobody`() throws {
        let workspace = try Workspace()
        let nobody = ServiceNotifier(socketName: workspace.path("nobody.sock"))
        #expect(nobody.send(.ready) == ENOENT)
        #expect(ServiceNotifier(socketName: nil).send(.ready) == 0)
        let long = ServiceNotifier(socketName: "/" + String(repeating: "x", count: 200))
        #expect(long.send(.ready) == ENAMETOOLONG)
        let manager = try ServiceManager(workspace, reads: false)
        let full = ServiceNotifier(socketName: workspace.path("notify.sock"))
        var code: CInt = 0
        for _ in 0..<2000 where code == 0 { code = full.send(.watchdog) }
        #expect(code == EAGAIN)
        #expect(manager.lines.isEmpty)
    }

    @Test func `signs of life come twice as often as they must, until a loop is stuck, and when it goes on`() throws {
        let agent = try Program(managed: { try ServiceManager($0, variables: ["WATCHDOG_USEC": "400000"]) }) {
            configuration,
            domain in
            // A loop writes its records itself; into a pipe that nobody empties it does so until the pipe is full.
            configuration.audit = domain.workspace.path("audit.pipe")
            guard unsafe mkfifo(configuration.audit, 0o600) == 0 else { throw Overdue("no pipe") }
        }
        let manager = try #require(agent.manager)
        let begun = ContinuousClock.now
        try waitUntil("ten signs") { manager.count("WATCHDOG=1") >= 10 }
        #expect(ContinuousClock.now - begun < .seconds(4))

        // Each asks for less than its socket holds: nobody reads from the moment at which the pipe is full.
        for _ in 0..<10 {
            var caller = try agent.caller()
            for _ in 0..<50 { try caller.ask(Program.key) }
        }
        try waitUntil("a loop is stuck") { agent.log.contains("a loop is stuck") }
        let silent = manager.count("WATCHDOG=1")
        usleep(1_000_000)
        #expect(manager.count("WATCHDOG=1") == silent)

        let pipe = unsafe open(agent.configuration.audit, O_RDONLY | O_NONBLOCK)
        defer { close(pipe) }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        try waitUntil("signs come again") {
            _ = unsafe read(pipe, &buffer, buffer.count)
            return manager.count("WATCHDOG=1") > silent
        }
    }

    @Test func `a watchdog for another process is none`() throws {
        let agent = try Program(managed: {
            try ServiceManager($0, variables: ["WATCHDOG_USEC": "10000", "WATCHDOG_PID": "1"])
        })
        let manager = try #require(agent.manager)
        try manager.await("READY=1")
        #expect(agent.log.contains("WATCHDOG_PID names process 1"))
        #expect(try agent.end() == 0)
        #expect(manager.count("WATCHDOG=1") == 0)
    }
}
