import SeededGenerator
import Testing

@testable import Secrets

@Suite("Namespace patterns")
struct NamespacePatternTests {
    private static func matches(_ pattern: String, _ namespace: String) throws -> Bool {
        try NamespacePattern(pattern).matches(namespace.utf8Span.span)
    }

    @Test(
        "a pattern matches what it says and nothing else",
        arguments: [
            ("a.b", "a.b", true), ("a.b", "a", false), ("a.b", "a.b.c", false), ("a.b", "a.bc", false),
            ("a.b", "a.B", false),
            ("a.*", "a.b", true), ("a.*", "a", false), ("a.*", "a.b.c", false), ("a.*", "ab.c", false),
            ("a.*", "ab", false),
            ("a.**", "a", true), ("a.**", "a.b", true), ("a.**", "a.b.c", true), ("a.**", "ab", false),
            ("a.**", "", false),
            ("a.b.**", "a.bc", false), ("a.b.**", "a", false), ("a.b.*", "a.b.", false),
            ("**", "", true), ("**", "a", true), ("**", "a.b.c.d", true),
            ("", "", true), ("", "a", false),
        ]
    )
    func examples(pattern: String, namespace: String, expected: Bool) throws {
        let matched = try Self.matches(pattern, namespace)
        #expect(matched == expected, "\(pattern) and \"\(namespace)\"")
    }

    @Test(
        "a star that is no whole last level is refused",
        arguments: [
            "*", "*.a", "a*", "a.b*", "a.*.b", "a.**.b", "***", "a.***", ".**", ".*", "a..b", ".a", "a.", "a b", "a/b",
            "a\u{1}",
        ]
    )
    func refused(pattern: String) {
        #expect(throws: PolicyFault.self) { try NamespacePattern(pattern) }
    }

    /// The same rules said with arrays of levels.
    private static func reference(_ pattern: String, _ namespace: String) -> Bool {
        if pattern == "**" { return true }
        let wanted = pattern.split(separator: ".", omittingEmptySubsequences: false)
        let levels = namespace.split(separator: ".", omittingEmptySubsequences: false)
        switch wanted.last {
        case "**": return levels.starts(with: wanted.dropLast())
        case "*": return levels.count == wanted.count && levels.starts(with: wanted.dropLast())
        default: return levels == wanted
        }
    }

    @Test("random patterns and namespaces agree with the plain rules")
    func random() throws {
        var generator = SeededGenerator(seed: 11)
        let levels = ["a", "b", "ab", "aa"]
        var matched = 0
        for _ in 0..<10_000 {
            let base = (0..<Int.random(in: 1...3, using: &generator)).map { _ in generator.pick(levels) }
            let pattern = (base + generator.pick([[], ["*"], ["**"]])).joined(separator: ".")
            let namespace = (0..<Int.random(in: 1...4, using: &generator)).map { _ in generator.pick(levels) }
                .joined(separator: ".")
            let answer = try Self.matches(pattern, namespace)
            if answer { matched += 1 }
            guard answer == Self.reference(pattern, namespace) else {
                Issue.record("\(pattern) and \(namespace): \(answer)")
                return
            }
        }
        #expect(matched > 300)
    }
}
