import Foundation
import Testing

extension WithAgent {
    @Suite("tacit get") struct GetTests {
        let agent: RunningAgent

        init() throws { agent = try sharedAgent() }

        @Test("prints exactly the bytes that put was given, over both kinds of socket")
        func exactBytes() throws {
            let value = Data((0..<1000).map { UInt8($0 % 256) }) + Data("\n\0\n\n".utf8)
            try agent.store(value, as: "GET_BYTES")
            for address in [agent.unix, agent.tcp] {
                let outcome = try agent.run("worker", "get", "GET_BYTES", "-n", "company.team", over: address)
                #expect(outcome.status == 0)
                #expect(outcome.output == value)
                #expect(outcome.errors.isEmpty)
            }
        }

        @Test("adds a line break on a terminal only")
        func terminal() throws {
            try agent.store("on a screen", as: "GET_TERMINAL")
            let terminal = try PseudoTerminal()
            let invocation = try Invocation(
                ["get", "GET_TERMINAL", "-n", "company.team"],
                outputToTerminal: terminal,
                environment: agent.environment("worker")
            )
            #expect(try invocation.finish().status == 0)
            #expect(terminal.screen == "on a screen\r\n")
        }

        @Test("takes one field of a JSON object")
        func subkey() throws {
            try agent.store(#"{"user":"ann","port":5432,"roles":["a", "b"]}"#, as: "GET_JSON")
            let expected = ["user": "ann", "port": "5432", "roles": #"["a","b"]"#]
            for (subkey, text) in expected {
                let outcome = try agent.run("worker", "get", "GET_JSON", "-n", "company.team", "--subkey", subkey)
                #expect(outcome.text == text)
            }
            let missing = try agent.run("worker", "get", "GET_JSON", "-n", "company.team", "--subkey", "absent")
            #expect(missing.status == 1)
            #expect(missing.errors.contains("SUBKEY_NOT_FOUND"))
        }

        @Test("finds what a parent namespace holds, and says where")
        func inherited() throws {
            try agent.store("from above", as: "GET_PARENT", in: "company")
            let answer = try agent.run("worker", "get", "GET_PARENT", "-n", "company.team", "--json").object()
            #expect(answer["namespace"] as? String == "company")
            #expect(answer["value"] as? String == "from above")
        }

        @Test("prints text as JSON text, and anything else as Base64")
        func json() throws {
            let text = "line\n\"quoted\" \\ tab\t\u{1}\u{7f} – ü"
            try agent.store(text, as: "GET_TEXT")
            let first = try agent.run("worker", "get", "GET_TEXT", "-n", "company.team", "--json").object()
            #expect(first["value"] as? String == text)
            #expect(first["version"] as? String == "1")
            #expect(first["source"] as? String == "fresh")
            #expect(first["age_ms"] as? Int == 0)
            let bytes = Data((0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 128) })
            try agent.store(bytes, as: "GET_BINARY")
            let second = try agent.run("worker", "get", "GET_BINARY", "-n", "company.team", "--json").object()
            #expect(second["value"] == nil)
            #expect((second["value_base64"] as? String).flatMap { Data(base64Encoded: $0) } == bytes)
        }

        @Test("asks for the version that is named")
        func version() throws {
            try agent.store("old", as: "GET_VERSION")
            try agent.store("new", as: "GET_VERSION")
            #expect(try agent.run("worker", "get", "GET_VERSION", "-n", "company.team", "--version", "2").text == "new")
            let old = try agent.run("worker", "get", "GET_VERSION", "-n", "company.team", "--version", "1")
            #expect(old.status == 2)
            #expect(old.errors.contains("keeps the current version only"))
        }

        @Test("asks the store again where a cached value is too old")
        func maximumAge() throws {
            try agent.store("x", as: "GET_AGE")
            _ = try agent.run("worker", "get", "GET_AGE", "-n", "company.team")
            let cached = try agent.run("worker", "get", "GET_AGE", "-n", "company.team", "--json").object()
            #expect(cached["source"] as? String == "cached")
            let fresh = try agent.run("worker", "get", "GET_AGE", "-n", "company.team", "--json", "--maximum-age", "0s")
            #expect(try fresh.object()["source"] as? String == "fresh")
        }

        @Test("ends with 1 where there is no such key")
        func absent() throws {
            let outcome = try agent.run("worker", "get", "GET_ABSENT", "-n", "company.team")
            #expect(outcome.status == 1)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains("KEY_NOT_FOUND"))
        }

        @Test(
            "ends with 1 and the reason where the caller may not",
            arguments: [
                ("executor", "company.team", "SERVICE_DENIED"),
                ("worker", "elsewhere", "NAMESPACE_NOT_ALLOWED"),
                ("stranger", "company.team", "IDENTITY_NOT_ALLOWED"),
                ("operator", "company.team", "OPERATION_NOT_ALLOWED"),
            ]
        )
        func denied(who: String, namespace: String, reason: String) throws {
            try agent.store("never shown to them", as: "GET_DENIED")
            let outcome = try agent.run(who, "get", "GET_DENIED", "-n", namespace)
            #expect(outcome.status == 1)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains(reason))
            #expect(!outcome.errors.contains("never shown"))
        }

        @Test("ends with 1 where the agent refuses the certificate")
        func foreignCertificate() throws {
            let other = try Workspace()
            _ = try tacit("certs", "init", folder: other.folder.path)
            _ = try tacit(
                "certs",
                "issue",
                "worker",
                "--identity",
                "spiffe://example.org/tenant/main/service/worker",
                folder: other.folder.path
            )
            let outcome = try agent.run(
                "worker",
                "get",
                "X",
                "-n",
                "company.team",
                "--certificate",
                other.path("certs/worker.crt"),
                "--private-key",
                other.path("certs/worker.key")
            )
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("CERTIFICATE_REFUSED"))
        }

        @Test("ends with 3 where the agent is not one of the authority's")
        func foreignAgent() throws {
            let other = try Workspace()
            _ = try tacit("certs", "init", folder: other.folder.path)
            let outcome = try agent.run("worker", "get", "X", "-n", "company.team", "--ca", other.path("certs/ca.crt"))
            #expect(outcome.status == 3)
        }
    }
}
