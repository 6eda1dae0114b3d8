import Foundation
import Glibc
import Testing

extension WithAgent {
    @Suite("tacit put and tacit delete") struct PutAndDeleteTests {
        let agent: RunningAgent

        init() throws { agent = try sharedAgent() }

        @Test("put says the version on standard error and nothing on standard output")
        func version() throws {
            for version in 1...2 {
                let outcome = try agent.run(
                    "operator",
                    "put",
                    "PUT_VERSION",
                    "-n",
                    "company.team",
                    input: Data("hush hush".utf8)
                )
                #expect(outcome.status == 0)
                #expect(outcome.output.isEmpty)
                #expect(outcome.errors == "stored PUT_VERSION in company.team, version \(version)\n")
            }
        }

        @Test("put on a terminal asks, and shows nothing of the answer")
        func prompt() throws {
            let terminal = try PseudoTerminal()
            let invocation = try Invocation(
                ["put", "PUT_TYPED", "-n", "company.team"],
                terminal: terminal,
                environment: agent.environment("operator")
            )
            #expect(invocation.wait { invocation.errorsSoFar.contains("Value of PUT_TYPED: ") })
            #expect(!terminal.isShown)
            terminal.type("typed by hand\n")
            let outcome = try invocation.finish()
            #expect(outcome.status == 0)
            #expect(!terminal.screen.contains("typed by hand"))
            #expect(terminal.isShown)
            #expect(try agent.run("worker", "get", "PUT_TYPED", "-n", "company.team").text == "typed by hand")
        }

        @Test("a signal during the question leaves the terminal as it was", arguments: [SIGINT, SIGTERM])
        func interruptedPrompt(number: Int32) throws {
            let terminal = try PseudoTerminal()
            let invocation = try Invocation(
                ["put", "PUT_NEVER", "-n", "company.team"],
                terminal: terminal,
                environment: agent.environment("operator")
            )
            #expect(invocation.wait { invocation.errorsSoFar.contains("Value of") })
            invocation.signal(number)
            #expect(try invocation.finish().status == 128 + number)
            #expect(terminal.isShown)
        }

        @Test("put refuses a value that is too large, or none")
        func sizes() throws {
            let large = try agent.run(
                "operator",
                "put",
                "PUT_LARGE",
                "-n",
                "company.team",
                input: Data(count: 1 << 20 + 1)
            )
            #expect(large.status == 2)
            #expect(large.errors.contains("1048576 bytes"))
            let empty = try agent.run("operator", "put", "PUT_EMPTY", "-n", "company.team")
            #expect(empty.status == 2)
            #expect(empty.errors.contains("nothing was stored"))
            try agent.store("", as: "PUT_EMPTY")
            let outcome = try agent.run("worker", "get", "PUT_EMPTY", "-n", "company.team")
            #expect(outcome.status == 0)
            #expect(outcome.output.isEmpty)
        }

        @Test("put ends with 1 where the caller may not")
        func denied() throws {
            let outcome = try agent.run(
                "worker",
                "put",
                "PUT_DENIED",
                "-n",
                "company.team",
                input: Data("hush hush".utf8)
            )
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("OPERATION_NOT_ALLOWED"))
            #expect(!outcome.errors.contains("hush"))
        }

        @Test("a deleted secret is gone, and another delete ends with 1")
        func delete() throws {
            try agent.store("x", as: "DELETE_ME")
            let outcome = try agent.run("operator", "delete", "DELETE_ME", "-n", "company.team")
            #expect(outcome.status == 0)
            #expect(outcome.output.isEmpty)
            #expect(try agent.run("worker", "get", "DELETE_ME", "-n", "company.team").status == 1)
            let again = try agent.run("operator", "delete", "DELETE_ME", "-n", "company.team")
            #expect(again.status == 1)
            #expect(again.errors.contains("KEY_NOT_FOUND"))
        }
    }
}
