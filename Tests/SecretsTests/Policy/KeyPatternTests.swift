import SeededGenerator
import Testing

@testable import Secrets

@Suite("Key patterns")
struct KeyPatternTests {
    private static func matches(_ pattern: String, _ key: String) throws -> Bool {
        try KeyPattern(pattern).matches(key.utf8Span.span)
    }

    @Test(
        "a star stands for any run of characters, all else for itself",
        arguments: [
            ("*", "A", true), ("*", "", true), ("**", "ANY", true), ("DB_*", "DB_", true),
            ("DB_*", "DB_PASSWORD", true),
            ("DB_*", "db_password", false), ("*_KEY", "A_KEY", true), ("*_KEY", "_KEY", true),
            ("*_KEY", "A_KEYS", false),
            ("A*B*C", "AxxByyC", true), ("A*B*C", "ABC", true), ("A*B*C", "ACB", false), ("A*A", "A", false),
            ("*ab*ab*", "xabyabz", true), ("*ab*ab*", "xaby", false), ("A.B", "A.B", true), ("A.B", "AxB", false),
            ("A?", "A?", true), ("A?", "AB", false), ("[A]", "A", false), ("é*", "ést", true),
        ]
    )
    func examples(pattern: String, key: String, expected: Bool) throws {
        let matched = try Self.matches(pattern, key)
        #expect(matched == expected, "\(pattern) and \(key)")
    }

    @Test("an empty pattern is refused, because nobody means it")
    func empty() { #expect(throws: PolicyFault.self) { try KeyPattern("") } }

    private static func reference(_ pattern: ArraySlice<UInt8>, _ key: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        if first == UInt8(ascii: "*") {
            return reference(pattern.dropFirst(), key) || (!key.isEmpty && reference(pattern, key.dropFirst()))
        }
        return key.first == first && reference(pattern.dropFirst(), key.dropFirst())
    }

    @Test("random patterns and keys agree with the plain rules")
    func random() throws {
        var generator = SeededGenerator(seed: 12)
        var matched = 0
        for _ in 0..<10_000 {
            let pattern = (0..<Int.random(in: 1...7, using: &generator)).map { _ in generator.pick(["a", "b", "*"]) }
                .joined()
            let key = (0..<Int.random(in: 0...9, using: &generator)).map { _ in generator.pick(["a", "b"]) }.joined()
            let answer = try Self.matches(pattern, key)
            if answer { matched += 1 }
            guard answer == Self.reference(Array(pattern.utf8)[...], Array(key.utf8)[...]) else {
                Issue.record("\(pattern) and \(key): \(answer)")
                return
            }
        }
        #expect(matched > 1000)
    }

    @Test("a pattern of many stars against the longest key takes no time worth mentioning", .timeLimit(.minutes(1)))
    func hostile() throws {
        let pattern = String(repeating: "a*", count: 128) + "b"
        let key = String(repeating: "a", count: NameRules.maximumBytes)
        for _ in 0..<100 {
            let matched = try Self.matches(pattern, key)
            #expect(!matched)
        }
    }
}
