import Glibc
import Testing

@testable import Agent

@Suite("What a service manager says in the environment")
struct ServiceVariablesTests {
    private func read(_ variables: [String: String]) throws(AgentFailure) -> ServiceVariables {
        try ServiceVariables(variables, pid: 42)
    }

    @Test func `nothing is nothing`() throws {
        let none = try read([:])
        #expect(none.notifySocket == nil)
        #expect(none.watchdogMicroseconds == nil)
        #expect(none.socketCount == 0)
        #expect(none.warnings.isEmpty)
    }

    @Test func `what is addressed to this process is taken`() throws {
        let all = try read([
            "NOTIFY_SOCKET": "@abstract", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42", "LISTEN_FDS": "2",
            "LISTEN_PID": "42", "LISTEN_FDNAMES": "unix::more",
        ])
        #expect(all.notifySocket == "@abstract")
        #expect(all.watchdogMicroseconds == 30_000_000)
        #expect(all.socketCount == 2)
        #expect(all.socketNames == ["unix", "", "more"])
        #expect(all.warnings.isEmpty)
        #expect(try read(["WATCHDOG_USEC": "1"]).watchdogMicroseconds == 1)
    }

    @Test func `what is addressed to another process is left alone, with a word`() throws {
        let others = try read([
            "WATCHDOG_USEC": "nonsense", "WATCHDOG_PID": "41", "LISTEN_FDS": "nonsense", "LISTEN_PID": "43",
        ])
        #expect(others.watchdogMicroseconds == nil)
        #expect(others.socketCount == 0)
        #expect(others.warnings.count == 2)
        #expect(others.warnings.allSatisfy { $0.contains("42") })
        // Without a process nobody is addressed.
        #expect(try read(["LISTEN_FDS": "2"]).socketCount == 0)
        #expect(try read(["NOTIFY_SOCKET": "vsock:2:1234"]).warnings.count == 1)
    }

    @Test(
        arguments: [
            ["WATCHDOG_USEC": "0"], ["WATCHDOG_USEC": "1s"], ["WATCHDOG_USEC": "1", "WATCHDOG_PID": "me"],
            ["LISTEN_FDS": "-1", "LISTEN_PID": "42"], ["LISTEN_FDS": "65", "LISTEN_PID": "42"],
            ["LISTEN_FDS": "x", "LISTEN_PID": "42"], ["LISTEN_FDS": "1", "LISTEN_PID": "0"],
        ]
    )
    func `what cannot be read is named`(_ variables: [String: String]) {
        let error = #expect(throws: AgentFailure.self) { _ = try read(variables) }
        #expect(variables.keys.contains { error?.description.contains($0) == true })
        #expect(error?.mayPass == false)
    }

    @Test func `as many sockets as are allowed are allowed`() throws {
        let most = try read(["LISTEN_FDS": "\(InheritedSockets.limit)", "LISTEN_PID": "42"])
        #expect(most.socketCount == InheritedSockets.limit)
    }

    @Test func `programs that the agent starts do not find it in their environment`() throws {
        let variables = [
            "NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "\(getpid())", "LISTEN_FDS": "0",
            "LISTEN_PID": "\(getpid())", "LISTEN_FDNAMES": "a",
        ]
        for (name, value) in variables { unsafe setenv(name, value, 1) }
        let taken = try ServiceVariables.take()
        #expect(taken.notifySocket == "/nowhere")
        #expect(taken.watchdogMicroseconds == 1000)
        for name in variables.keys { #expect(unsafe getenv(name) == nil, "\(name)") }
    }

    @Test func `a status is one line and not without end`() {
        let long = String(repeating: "x", count: 1000)
        #expect(ServiceNotifier.Notice.status("a\nREADY=1\r\n\(long)").text.hasPrefix("STATUS=a READY=1 xxx"))
        #expect(ServiceNotifier.Notice.status(long).text.count == 300 + "STATUS=".count)
        #expect(ServiceNotifier.Notice.extendTimeout(.seconds(2)).text == "EXTEND_TIMEOUT_USEC=2000000")
    }
}
