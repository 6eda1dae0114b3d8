import Testing

@testable import Secrets

@Suite("Names")
struct NameRulesTests {
    private static func namespaceFault(_ text: String) -> NameRules.Fault? {
        NameRules.namespaceFault(text.utf8Span.span)
    }
    private static func keyFault(_ text: String) -> NameRules.Fault? { NameRules.keyFault(text.utf8Span.span) }
    private static func parentCount(_ text: String) -> Int? { NameRules.parentCount(of: text.utf8Span.span) }

    @Test(
        "a namespace is levels with dots between them",
        arguments: [
            ("", nil), ("a", nil), ("a.b", nil), ("a-b.c_d.E9", nil), ("m\u{fc}nchen.\u{301}", nil), ("a:b", nil),
            ("*", nil),
            (".", .emptyLevel), (".a", .emptyLevel), ("a.", .emptyLevel), ("a..b", .emptyLevel),
            ("a b", .forbiddenCharacter), (" ", .forbiddenCharacter), ("a/b", .forbiddenCharacter),
            ("a\u{0}", .forbiddenCharacter),
            ("a\n", .forbiddenCharacter), ("\u{7f}", .forbiddenCharacter), ("a\u{1f}.b", .forbiddenCharacter),
            (String(repeating: "a", count: 256), nil), (String(repeating: "a", count: 257), .tooLong),
            (String(repeating: "\u{e9}", count: 129), .tooLong),
            (Array(repeating: "a", count: 32).joined(separator: "."), nil),
            (Array(repeating: "a", count: 33).joined(separator: "."), .tooManyLevels),
        ] as [(String, NameRules.Fault?)]
    )
    func namespaces(text: String, fault: NameRules.Fault?) {
        #expect(Self.namespaceFault(text) == fault)
    }

    @Test(
        "a key is anything visible, and spaces and slashes",
        arguments: [
            ("A", nil), ("a b", nil), ("a/b", nil), ("*", nil), ("{tenant}", nil), ("\u{1f511}", nil), ("..", nil),
            ("", .empty), ("a\u{0}b", .forbiddenCharacter), ("\t", .forbiddenCharacter),
            ("a\u{7f}", .forbiddenCharacter),
            (String(repeating: "a", count: 256), nil), (String(repeating: "a", count: 257), .tooLong),
        ] as [(String, NameRules.Fault?)]
    )
    func keys(text: String, fault: NameRules.Fault?) {
        #expect(Self.keyFault(text) == fault)
    }

    @Test(
        "the parent is what stands before the last dot",
        arguments: [("", nil), ("a", nil), ("a.b", 1), ("a.b.cd", 3), ("\u{e9}.\u{301}b", 2)] as [(String, Int?)]
    )
    func parents(text: String, count: Int?) {
        #expect(Self.parentCount(text) == count)
    }

    @Test(
        "each fault is a sentence's end",
        arguments: [NameRules.Fault.empty, .tooLong, .tooManyLevels, .emptyLevel, .forbiddenCharacter]
    )
    func words(fault: NameRules.Fault) {
        #expect(fault.description.hasPrefix("is ") || fault.description.hasPrefix("has "))
    }

    @Test(
        "levels are the same by bytes and by text, whatever stands in them",
        arguments: ["", "a", "a.b.c", "a.\u{301}b.c", "a\u{600}.b", "\u{1f468}\u{200d}.\u{1f469}.x", "a.\u{200d}"]
    )
    func levels(namespace: String) {
        var expected: [[UInt8]] = [Array(namespace.utf8)]
        while let bytes = expected.last, let count = NameRules.parentCount(of: bytes.span) {
            expected.append(Array(bytes.prefix(count)))
        }
        let levels = SecretReference(tenant: "", namespace: namespace, key: "K").levels
        #expect(levels.map { Array($0.utf8) } == expected)
    }

    @Test("names are compared byte for byte")
    func bytes() {
        let kelvin = SecretName(tenant: "t", namespace: "n", key: "\u{212a}")
        let letter = SecretName(tenant: "t", namespace: "n", key: "K")
        #expect(kelvin != letter)
        #expect(Set([kelvin, letter, letter]).count == 2)
        #expect(
            SecretName(tenant: "caf\u{e9}", namespace: "", key: "K")
                != SecretName(tenant: "cafe\u{301}", namespace: "", key: "K")
        )
        #expect(
            SecretName(tenant: "ab", namespace: "c", key: "d") != SecretName(tenant: "a", namespace: "bc", key: "d")
        )
        let references = [
            SecretReference(tenant: "t", namespace: "n", key: "K"),
            SecretReference(tenant: "t", namespace: "n", key: "\u{212a}"),
            SecretReference(tenant: "t", namespace: "n", key: "K", version: "1"),
            SecretReference(tenant: "t", namespace: "n", key: "K", maximumAge: 1),
        ]
        #expect(Set(references + references).count == references.count)
    }
}
