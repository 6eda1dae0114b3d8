import SeededGenerator
import Testing

@testable import Secrets

@Suite("Identity patterns")
struct IdentityPatternTests {
    private static func match(_ pattern: String, _ path: String) throws -> [String: String]? {
        try IdentityPattern(pattern).match(Peers.identity(path))
    }

    @Test(
        "segments are matched one for one, the last ** takes at least one",
        arguments: [
            ("spiffe://e.org/a/b", "spiffe://e.org/a/b", true), ("spiffe://e.org/a/b", "spiffe://e.org/a", false),
            ("spiffe://e.org/a/b", "spiffe://e.org/a/b/c", false), ("spiffe://e.org/a/b", "spiffe://f.org/a/b", false),
            ("spiffe://e.org/a/b", "spiffe://e.org/a/B", false), ("spiffe://e.org/*/b", "spiffe://e.org/x/b", true),
            ("spiffe://e.org/*/b", "spiffe://e.org/x/y/b", false), ("spiffe://e.org/*", "spiffe://e.org/x/y", false),
            ("spiffe://e.org/**", "spiffe://e.org/x", true), ("spiffe://e.org/**", "spiffe://e.org/x/y/z", true),
            ("spiffe://e.org/a/**", "spiffe://e.org/a", false), ("spiffe://e.org/a/**", "spiffe://e.org/ab/c", false),
            ("spiffe://e.org/{tenant}/x", "spiffe://e.org/t/x", true),
            ("spiffe://e.org/{tenant}/x", "spiffe://e.org/t/y", false),
        ]
    )
    func examples(pattern: String, uri: String, expected: Bool) throws {
        let captures = try Self.match(pattern, uri)
        #expect((captures != nil) == expected)
    }

    @Test("captures remember their segments")
    func captures() throws {
        let captures = try Self.match(
            "spiffe://e.org/{tenant}/{service}/*/{namespace}",
            "spiffe://e.org/main/worker/x/company.payments"
        )
        #expect(captures == ["tenant": "main", "service": "worker", "namespace": "company.payments"])
    }

    @Test(
        "what is no pattern is refused",
        arguments: [
            "", "example.org/a", "https://example.org/a", "spiffe://", "spiffe://*/a", "spiffe://**",
            "spiffe://{tenant}/a",
            "spiffe://e.org/**/a", "spiffe://e.org/a*", "spiffe://e.org/a//b", "spiffe://e.org/a/",
            "spiffe://e.org/{user}",
            "spiffe://e.org/{tenant}/{tenant}", "spiffe://e.org/x{tenant}", "spiffe://e.org/{}",
            "spiffe://e.org/{tenant",
            "spiffe://e.org/m\u{e4}in", "spiffe://e.org/a%20b", "spiffe://e.org/..", "spiffe://E.org/a",
        ]
    )
    func refused(pattern: String) {
        #expect(throws: PolicyFault.self) { try IdentityPattern(pattern) }
    }

    private static func reference(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        switch pattern.first {
        case nil: path.isEmpty
        case "**": !path.isEmpty
        case "*", "{tenant}": !path.isEmpty && reference(pattern.dropFirst(), path.dropFirst())
        case let word: word == path.first && reference(pattern.dropFirst(), path.dropFirst())
        }
    }

    @Test("random patterns and identities agree with the plain rules")
    func random() throws {
        var generator = SeededGenerator(seed: 13)
        var matched = 0
        for _ in 0..<10_000 {
            var pattern = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                generator.pick(["a", "b", "*", "{tenant}"])
            }
            if let first = pattern.firstIndex(of: "{tenant}") {
                for later in pattern.indices where later > first && pattern[later] == "{tenant}" {
                    pattern[later] = "*"
                }
            }
            if Int.random(in: 0..<4, using: &generator) == 0 { pattern.append("**") }
            let path = (0..<Int.random(in: 1...5, using: &generator)).map { _ in generator.pick(["a", "b"]) }
            let answer = try Self.match(
                "spiffe://e.org/" + pattern.joined(separator: "/"),
                "spiffe://e.org/" + path.joined(separator: "/")
            )
            if answer != nil { matched += 1 }
            guard (answer != nil) == Self.reference(pattern[...], path[...]) else {
                Issue.record("\(pattern) and \(path): \(String(describing: answer))")
                return
            }
        }
        #expect(matched > 500)
    }
}
