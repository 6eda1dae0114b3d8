import Foundation
import Testing

extension WithAgent {
    @Suite("tacit health and tacit status") struct HealthTests {
        let agent: RunningAgent

        init() throws { agent = try sharedAgent() }

        @Test("the probes need no certificate", arguments: ["--live", "--ready"])
        func probes(question: String) throws {
            let outcome = try tacit("health", question, "--address", agent.health)
            #expect(outcome.status == 0)
            #expect(outcome.text == "UP\n")
            let json = try tacit("health", question, "--address", agent.health, "--json").object()
            #expect(json["status"] as? String == "UP")
        }

        @Test("the agent itself is asked over its socket")
        func socket() throws {
            let outcome = try agent.run("operator", "health")
            #expect(outcome.status == 0)
            #expect(outcome.text.hasPrefix("tacit"))
            #expect(outcome.text.contains("backends"))
            let answer = try agent.run("operator", "health", "--json").object()
            #expect(answer["status"] as? String == "UP")
            #expect(answer["node"] as? String == "tests")
            #expect((answer["parts"] as? [[String: Any]])?.isEmpty == false)
        }

        @Test("status tells more, in both forms")
        func status() throws {
            let text = try agent.run("operator", "status").text
            #expect(text.contains("on tests is UP"))
            #expect(text.contains(agent.unix))
            #expect(try agent.run("operator", "status", "--json").object()["version"] is String)
        }

        @Test("who is not granted it is denied")
        func denied() throws {
            for command in ["health", "status"] { #expect(try agent.run("worker", command).status == 1) }
        }
    }
}

@Suite("tacit health without an agent") struct HealthProbeTests {
    @Test("ends with 1 where the answer is DOWN")
    func down() throws {
        let server = try #require(ListeningSocket())
        server.answerOnce("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        let outcome = try tacit("health", "--ready", "--address", "127.0.0.1:\(server.port)")
        #expect(outcome.status == 1)
        #expect(outcome.text == "DOWN\n")
    }

    @Test("ends with 3 where something else answers, or nothing in time")
    func foreign() throws {
        let server = try #require(ListeningSocket())
        let address = "127.0.0.1:\(server.port)"
        let silent = try tacit("health", "--live", "--address", address, "--timeout", "200ms")
        #expect(silent.status == 3)
        let other = try #require(ListeningSocket())
        other.answerOnce("SSH-2.0-something\r\n")
        #expect(try tacit("health", "--live", "--address", "127.0.0.1:\(other.port)").status == 3)
    }

    @Test("ends with 3 where nobody listens, and asks whether the agent runs")
    func nobody() throws {
        let port = try #require(ListeningSocket()?.port)
        let outcome = try tacit("health", "--live", "--address", "127.0.0.1:\(port)")
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("Is the agent running?"))
    }

    @Test(
        "ends with 2 on a wrong question",
        arguments: [
            ["--live", "--ready"], ["--address", "127.0.0.1:1"], ["--live", "--address", "nonsense"],
            ["--live", "--address", ":80"],
        ]
    )
    func usage(arguments: [String]) throws {
        #expect(try Invocation(["health"] + arguments).finish().status == 2)
    }
}
