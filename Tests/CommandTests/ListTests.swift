import Foundation
import Testing

extension WithAgent {
    @Suite("tacit list") struct ListTests {
        let agent: RunningAgent

        init() throws { agent = try sharedAgent() }

        @Test("prints names and what is known of them, as a table and as JSON")
        func entries() throws {
            let put = try agent.run(
                "operator",
                "put",
                "LIST_ONE",
                "-n",
                "company.list",
                "--description",
                "for\u{1b}[31m tests",
                "--tag",
                "owner=billing",
                "--tag",
                "tier=1",
                input: Data("not listed".utf8)
            )
            #expect(put.status == 0, "\(put.errors)")
            try agent.store("not listed", as: "LIST_TWO", in: "company.list")
            let table = try agent.run("worker", "list", "-n", "company.list")
            let lines = table.text.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.first?.hasPrefix("NAMESPACE") == true)
            #expect(table.text.contains("owner=billing,tier=1"))
            #expect(!table.text.contains("\u{1b}"))
            #expect(!table.text.contains("not listed"))

            let json = try agent.run("worker", "list", "-n", "company.list", "--json").list()
            #expect(json.map { $0["key"] as? String } == ["LIST_ONE", "LIST_TWO"])
            #expect(json[0]["tags"] as? [String: String] == ["owner": "billing", "tier": "1"])
            #expect(json[0]["description"] as? String == "for\u{1b}[31m tests")
            #expect(json[0]["namespace"] as? String == "company.list")
            #expect(json[0]["read_only"] as? Bool == false)
        }

        @Test("narrows by prefix, and widens to parents")
        func narrowing() throws {
            try agent.store("x", as: "LIST_CHILD", in: "company.family.child")
            try agent.store("x", as: "LIST_PARENT", in: "company.family")
            func keys(_ more: String...) throws -> [String] {
                let arguments = ["list", "-n", "company.family.child", "--json"] + more
                return try Invocation(arguments, environment: agent.environment("worker")).finish().list()
                    .compactMap { $0["key"] as? String }
            }
            #expect(try keys() == ["LIST_CHILD"])
            #expect(try keys("--inherited").contains("LIST_PARENT"))
            #expect(try keys("--inherited", "--prefix", "LIST_C") == ["LIST_CHILD"])
        }

        @Test("prints all pages")
        func pages() throws {
            for index in 0..<12 { try agent.store("x", as: "PAGED_\(index)", in: "company.pages") }
            #expect(try agent.run("worker", "list", "-n", "company.pages", "--json").list().count == 12)
        }

        @Test("prints an empty list where there is nothing")
        func empty() throws {
            let outcome = try agent.run("worker", "list", "-n", "company.void")
            #expect(outcome.status == 0)
            #expect(outcome.output.isEmpty)
            #expect(try agent.run("worker", "list", "-n", "company.void", "--json").list().isEmpty)
        }
    }
}
