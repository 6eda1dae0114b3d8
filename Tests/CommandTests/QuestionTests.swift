import Foundation
import Testing

extension WithAgent {
    @Suite("tacit whoami and tacit explain") struct QuestionTests {
        let agent: RunningAgent

        init() throws { agent = try sharedAgent() }

        @Test("whoami tells identity, grants and isolation")
        func whoami() throws {
            let answer = try agent.run("worker", "whoami", "--json").object()
            #expect(answer["identity"] as? String == "spiffe://example.org/tenant/main/service/worker")
            #expect(answer["service"] as? String == "WORKER")
            #expect(answer["tenant"] as? String == "main")
            #expect(answer["peer_uid"] as? Int == Int(getuid()))
            #expect(answer["denied_services"] as? [String] == ["EXECUTOR", "SCHEDULER", "WEBSERVER"])
            let grants = try #require(answer["grants"] as? [[String: Any]])
            #expect(grants.map { $0["operations"] as? [String] } == [["get", "list"]])
            let text = try agent.run("worker", "whoami", over: agent.tcp).text
            #expect(text.contains("spiffe://example.org/tenant/main/service/worker"))
            #expect(text.contains("WORKER"))
            #expect(!text.contains("Peer"))
        }

        @Test("explain ends with 0 and the places where it is yes")
        func allowed() throws {
            let outcome = try agent.run("worker", "explain", "get", "WHATEVER", "-n", "company.team", "--json")
            #expect(outcome.status == 0)
            let answer = try outcome.object()
            #expect(answer["allowed"] as? Bool == true)
            #expect((answer["namespaces"] as? [String])?.prefix(2) == ["company.team", "company"])
            let text = try agent.run("worker", "explain", "get", "WHATEVER", "-n", "company.team").text
            #expect(text.contains("allowed"))
            #expect(text.contains("company.team, from default (sqlite)"))
        }

        @Test("explain ends with 1 and the reason where it is no")
        func denied() throws {
            let outcome = try agent.run("executor", "explain", "get", "WHATEVER", "-n", "company.team", "--json")
            #expect(outcome.status == 1)
            #expect(outcome.errors.isEmpty)
            let answer = try outcome.object()
            #expect(answer["allowed"] as? Bool == false)
            #expect(answer["reason"] as? String == "SERVICE_DENIED")
            let text = try agent.run("executor", "explain", "get", "WHATEVER", "-n", "company.team")
            #expect(text.status == 1)
            #expect(text.text.contains("denied"))
        }

        @Test("explain ends with 2 on an operation that does not exist")
        func unknown() throws {
            let outcome = try agent.run("worker", "explain", "fetch", "X", "-n", "company.team")
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("get, list, put"))
        }
    }
}
