import Foundation
import Glibc
import Testing

extension WithAgent {
    @Suite("tacit exec") struct ExecTests {
        let agent: RunningAgent

        init() throws { agent = try sharedAgent() }

        @Test("puts values into the environment beside what is there, without changing a byte")
        func values() throws {
            try agent.store("with 'quotes', $dollars\nand a line", as: "EXEC_ONE")
            try agent.store(#"{"password":"in a field"}"#, as: "EXEC_TWO")
            try agent.store("from above", as: "EXEC_THREE", in: "company")
            let outcome = try agent.run(
                "worker",
                "exec",
                "-n",
                "company.team",
                "--env",
                "ONE=EXEC_ONE",
                "--env",
                "TWO=EXEC_TWO#password",
                "--env",
                "THREE=EXEC_THREE@company",
                "--",
                "sh",
                "-c",
                #"printf '%s|%s|%s|%s|%s' "$ONE" "$TWO" "$THREE" "$KEPT" "${TACIT_SOCKET%%:*}""#,
                environment: ["KEPT": "kept", "ONE": "replaced"]
            )
            #expect(outcome.status == 0)
            #expect(outcome.text == "with 'quotes', $dollars\nand a line|in a field|from above|kept|unix")
            #expect(outcome.errors.isEmpty)
        }

        @Test("hands the variable over once only")
        func noDuplicate() throws {
            try agent.store("new", as: "EXEC_DUPLICATE")
            let outcome = try agent.run(
                "worker",
                "exec",
                "-n",
                "company.team",
                "--env",
                "ONE=EXEC_DUPLICATE",
                "--",
                "env",
                environment: ["ONE": "old"]
            )
            #expect(outcome.text.split(separator: "\n").filter { $0.hasPrefix("ONE=") } == ["ONE=new"])
        }

        @Test("becomes the command: same process, its arguments, its status")
        func replacement() throws {
            try agent.store("x", as: "EXEC_SAME")
            let invocation = try Invocation(
                [
                    "exec", "-n", "company.team", "--env", "A=EXEC_SAME", "--", "sh", "-c", "echo $$ \"$@\"; exit 42",
                    "sh", "--help", "-n",
                ],
                environment: agent.environment("worker")
            )
            let outcome = try invocation.finish()
            #expect(outcome.status == 42)
            #expect(outcome.text == "\(invocation.id) --help -n\n")
        }

        @Test("leaves signals and the file mask as they were")
        func inheritedState() throws {
            try agent.store("x", as: "EXEC_STATE")
            let outcome = try agent.run(
                "worker",
                "exec",
                "-n",
                "company.team",
                "--env",
                "A=EXEC_STATE",
                "--",
                "sh",
                "-c",
                "umask; grep SigBlk /proc/self/status; grep SigIgn /proc/self/status"
            )
            let lines = outcome.text.split(separator: "\n").map(String.init)
            let mask = umask(0)
            umask(mask)
            #expect(lines.first == String(mask, radix: 8).leftPadded(to: 4))
            #expect(lines.count == 3)
            for line in lines.dropFirst() {
                // Above 31 are signals of the C library, which ignores some of them in every program that it spawns.
                let signals = try #require(line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
                #expect(signals & 0x7fff_ffff == 0)
            }
        }

        @Test("a signal to it is a signal to the command")
        func signals() throws {
            try agent.store("x", as: "EXEC_SIGNAL")
            let ready = agent.workspace.path("exec-ready")
            let invocation = try Invocation(
                [
                    "exec", "-n", "company.team", "--env", "A=EXEC_SIGNAL", "--", "sh", "-c",
                    "trap 'exit 9' USR1; : >'\(ready)'; while :; do sleep 0.05; done",
                ],
                environment: agent.environment("worker")
            )
            #expect(invocation.wait { FileManager.default.fileExists(atPath: ready) })
            invocation.signal(SIGUSR1)
            #expect(try invocation.finish().status == 9)
        }

        @Test("runs nothing where one of the secrets is missing, and names each")
        func missing() throws {
            try agent.store("x", as: "EXEC_PRESENT")
            let mark = agent.workspace.path("exec-missing")
            let outcome = try agent.run(
                "worker",
                "exec",
                "-n",
                "company.team",
                "--env",
                "A=EXEC_PRESENT",
                "--env",
                "B=EXEC_ABSENT",
                "--env",
                "C=EXEC_PRESENT@elsewhere",
                "--",
                "touch",
                mark
            )
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("B: EXEC_ABSENT in company.team"))
            #expect(outcome.errors.contains("KEY_NOT_FOUND"))
            #expect(outcome.errors.contains("C: EXEC_PRESENT in elsewhere"))
            #expect(outcome.errors.contains("NAMESPACE_NOT_ALLOWED"))
            #expect(outcome.errors.contains("touch was not run"))
            #expect(!FileManager.default.fileExists(atPath: mark))
        }

        @Test("ends with 127 or 126 where the command is not there or cannot be executed")
        func noCommand() throws {
            try agent.store("x", as: "EXEC_NOWHERE")
            let file = try agent.workspace.write("not a program", to: "plain-file")
            for (command, status) in [("no-such-command", 127), (file, 126), ("/", 126)] as [(String, Int32)] {
                let outcome = try agent.run(
                    "worker",
                    "exec",
                    "-n",
                    "company.team",
                    "--env",
                    "A=EXEC_NOWHERE",
                    "--",
                    command
                )
                #expect(outcome.status == status)
                #expect(outcome.errors.contains(command))
            }
        }

        @Test("refuses a value that no environment can hold")
        func unfit() throws {
            try agent.store(Data([65, 0, 66]), as: "EXEC_ZERO")
            try agent.store(String(repeating: "long ", count: 30_000), as: "EXEC_LONG")
            let zero = try agent.run("worker", "exec", "-n", "company.team", "--env", "A=EXEC_ZERO", "--", "true")
            #expect(zero.status == 1)
            #expect(zero.errors.contains("zero byte"))
            let long = try agent.run("worker", "exec", "-n", "company.team", "--env", "A=EXEC_LONG", "--", "true")
            #expect(long.status == 1)
            #expect(long.errors.contains("128 KiB"))
            #expect(!long.errors.contains("long long"))
        }

        @Test("names and encodes as Kestra reads them")
        func kestra() throws {
            try agent.store(Data([0, 255, 10]), as: "EXEC_KESTRA")
            let outcome = try agent.run(
                "worker",
                "exec",
                "-n",
                "company.team",
                "--kestra",
                "--env",
                "MY_KEY=EXEC_KESTRA",
                "--",
                "printenv",
                "SECRET_MY_KEY"
            )
            #expect(outcome.text == "AP8K\n")
        }

        @Test("reads specs from a file, which options win over")
        func file() throws {
            try agent.store("one", as: "EXEC_FILE_ONE")
            try agent.store("two", as: "EXEC_FILE_TWO")
            let specs = try agent.workspace.write(
                "# a comment\r\n\n  A=EXEC_FILE_ONE\r\nB=EXEC_FILE_ONE@company.team",
                to: "specs"
            )
            let outcome = try agent.run(
                "worker",
                "exec",
                "-n",
                "company.team",
                "--env-file",
                specs,
                "--env",
                "B=EXEC_FILE_TWO",
                "--",
                "sh",
                "-c",
                "echo $A $B"
            )
            #expect(outcome.text == "one two\n")
            let wrong = try agent.workspace.write("A=EXEC_FILE_ONE\nB\n", to: "wrong-specs")
            let refused = try agent.run("worker", "exec", "--env-file", wrong, "--", "true")
            #expect(refused.status == 2)
            #expect(refused.errors.contains("wrong-specs:2: "))
        }

        @Test("fetches more secrets than one request holds")
        func many() throws {
            try agent.store("x", as: "EXEC_MANY")
            let specs = (0..<150).flatMap { ["--env", "V\($0)=EXEC_MANY"] }
            let invocation = try Invocation(
                ["exec", "-n", "company.team"] + specs + ["--", "sh", "-c", "env | grep -c '^V[0-9]*=x$'"],
                environment: agent.environment("worker")
            )
            #expect(try invocation.finish().text == "150\n")
        }
    }

    @Suite("tacit exec, wrong usage") struct ExecUsageTests {
        @Test(
            "ends with 2 before anything is asked",
            arguments: [
                ["exec", "--env", "A=B"],
                ["exec", "--", "true"],
                ["exec", "--env", "A", "--", "true"],
                ["exec", "--env", "1A=B", "--", "true"],
                ["exec", "--env", "A=", "--", "true"],
                ["exec", "--env", "A=B#", "--", "true"],
                ["exec", "--env", "A=B", "true"],
            ]
        )
        func usage(arguments: [String]) throws {
            let outcome = try Invocation(arguments).finish()
            #expect(outcome.status == 2)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains("Usage: tacit exec"))
        }
    }
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - self.count)) + self
    }
}
