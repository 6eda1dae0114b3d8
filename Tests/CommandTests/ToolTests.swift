import Foundation
import Testing

@Suite("tacit env encode") struct EnvironmentEncodingTests {
    @Test("turns assignments into what the environment backend reads")
    func encode() throws {
        let workspace = try Workspace()
        let file = try workspace.write("# comment\nDB=pa=ss=\nEMPTY=\nLAST=x", to: ".env")
        let expected = "SECRET_DB=cGE9c3M9\nSECRET_EMPTY=\nSECRET_LAST=eA==\n"
        let outcome = try tacit("env", "encode", file)
        #expect(outcome.status == 0)
        #expect(outcome.text == expected)
        #expect(outcome.errors.isEmpty)
        #expect(try tacit("env", "encode", "-", input: Data("DB=pa=ss=\nEMPTY=\nLAST=x".utf8)).text == expected)
    }

    @Test("says which lines it skipped, and nothing of what is in them")
    func notes() throws {
        let outcome = try tacit("env", "encode", "-", input: Data("hush hush\nA=b\n".utf8))
        #expect(outcome.status == 0)
        #expect(outcome.text == "SECRET_A=Yg==\n")
        #expect(outcome.errors.contains("line 1"))
        #expect(!outcome.errors.contains("hush"))
    }

    @Test("ends with 2 where there is no file")
    func absent() throws { #expect(try tacit("env", "encode", "/nowhere.env").status == 2) }
}

@Suite("Help, version and completion") struct HelpTests {
    static let commands = [
        ["agent"], ["check"], ["get"], ["exec"], ["list"], ["put"], ["delete"], ["whoami"], ["explain"], ["health"],
        ["status"], ["certs"], ["certs", "init"], ["certs", "issue"], ["certs", "revoke"], ["certs", "show"],
        ["env", "encode"],
    ]

    @Test("every command has help with an example", arguments: commands)
    func help(command: [String]) throws {
        let outcome = try Invocation(command + ["--help"]).finish()
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.text.contains("EXAMPLE\n  "))
        #expect(outcome.text.contains("tacit \(command.joined(separator: " "))"))
    }

    @Test("every command is in the overview")
    func overview() throws {
        let text = try tacit("--help").text
        for command in Self.commands { #expect(text.contains("\n  \(command[0]) ")) }
    }

    @Test("there is a version, and a completion script for each shell")
    func extras() throws {
        let version = try tacit("--version")
        #expect(version.status == 0)
        #expect(version.text.split(separator: ".").count == 3)
        for shell in ["bash", "zsh", "fish"] {
            let script = try tacit("--generate-completion-script", shell)
            #expect(script.status == 0)
            #expect(script.text.contains("whoami"))
        }
    }

    @Test(
        "wrong usage ends with 2 and says what would be right",
        arguments: [
            ["nonsense"], ["get"], ["get", "X", "--nonsense"], ["get", "X", "--timeout", "5"],
            ["get", "X", "--timeout", "0s"],
            ["put", "X", "--tag", "nonsense"], ["list", "extra"],
        ]
    )
    func usage(arguments: [String]) throws {
        let outcome = try Invocation(arguments).finish()
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("Usage: tacit"))
    }
}

@Suite("tacit agent") struct AgentCommandTests {
    @Test("ends with 2 and every problem where it cannot start")
    func refusal() throws {
        let workspace = try Workspace()
        let file = try workspace.write("tacit: {nod: x, lissteners: []}\n", to: "agent.yaml")
        let outcome = try tacit("agent", "-c", file)
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("tacit.nod"))
        #expect(outcome.errors.contains("tacit.lissteners"))
    }
}
