import Secrets
import SeededGenerator
import Testing

@testable import Backends

@Suite("Names in Google Secret Manager")
struct GoogleSecretNamesTests {
    private let names = GoogleSecretNames(prefix: "kestra")

    @Test("documented examples")
    func examples() {
        let name = SecretName(tenant: "", namespace: "company.team", key: "DB_PASSWORD")
        #expect(names.identifier(of: name) == "kestra_ncompany_dteam_nDB__PASSWORD")
        #expect(
            GoogleSecretNames(prefix: "k-1").identifier(of: SecretName(tenant: "", namespace: "a_b", key: "x y"))
                == "k-1_na__b_nx_x20y"
        )
        let tenanted = SecretName(tenant: "main", namespace: "company.team", key: "DB_PASSWORD")
        #expect(names.identifier(of: tenanted) == "kestra_tmain_ncompany_dteam_nDB__PASSWORD")
        #expect(
            GoogleSecretNames(prefix: "").identifier(of: SecretName(tenant: "t", namespace: "", key: "K")) == "_tt_n_nK"
        )
    }

    @Test("every name comes back as it was, in permitted characters only, and no two names meet")
    func roundTrip() {
        var chance = SeededGenerator(seed: 0x600d_5eed)
        var seen: [String: SecretName] = [:]
        for _ in 0..<20_000 {
            let name = SecretName(tenant: text(&chance), namespace: text(&chance), key: text(&chance))
            guard let identifier = names.identifier(of: name) else { continue }
            #expect(GoogleSecretNames.isIdentifier(identifier))
            #expect(names.name(of: identifier) == name)
            #expect(identifier.hasPrefix(names.stem(tenant: name.tenant, namespace: name.namespace)))
            if let other = seen.updateValue(name, forKey: identifier) { #expect(other == name) }
        }
        #expect(seen.count > 5_000)
    }

    @Test("whatever an identifier is, it is read as one name or as none, and that name is written as this identifier")
    func foreignIdentifiers() {
        var chance = SeededGenerator(seed: 77)
        let pieces = [
            "_n", "_n", "_n", "_n", "_t", "__", "_d", "_x2e", "_x41", "_xff", "_x", "_", "a", "B", "-", "0", "_q",
        ]
        var read = 0
        for _ in 0..<50_000 {
            let count = Int.random(in: 0...9, using: &chance)
            let identifier = "kestra" + (0..<count).map { _ in chance.pick(pieces) }.joined()
            guard let name = names.name(of: identifier) else { continue }
            read += 1
            #expect(names.identifier(of: name) == identifier)
        }
        #expect(read > 500)
    }

    @Test(
        "what this side would not have written is not its own",
        arguments: [
            "", "kestra", "kestra_n", "kestra_na", "DB_PASSWORD", "other_na_nb", "kestra_t_na_nb", "kestra_na_nb_nc",
            "kestra_na_nb_x41", "kestra_na_nb_x2E", "kestra_na_nb_xf", "kestra_na_nb_", "kestra_na_nb_q",
            "kestra_na_nb_xff", "kestra_na_tb_nc", "kestra_na_nb.c", "Kestra_na_nb",
        ]
    )
    func refused(identifier: String) {
        #expect(names.name(of: identifier) == nil)
    }

    @Test("a name that would need more than 255 characters has no place")
    func limit() {
        let fits = SecretName(tenant: "", namespace: "n", key: String(repeating: "k", count: 255 - 11))
        #expect(names.identifier(of: fits)?.utf8.count == 255)
        let isTooLong = SecretName(tenant: "", namespace: "n", key: fits.key + "k")
        #expect(names.identifier(of: isTooLong) == nil)
        let isEscaped = SecretName(tenant: "", namespace: "n", key: String(repeating: "\u{1f511}", count: 16))
        #expect(names.identifier(of: isEscaped) == nil)
    }

    /// Short texts out of what is dangerous: markers, escapes, different spellings of one character.
    private func text(_ chance: inout SeededGenerator) -> String {
        let pieces = [
            "_", "n", "t", "d", "x", ".", "-", "a", "Z", "9", " ", "\u{e9}", "e\u{301}", "\n", "_n", "_t", "/",
        ]
        return (0..<Int.random(in: 0...6, using: &chance)).map { _ in chance.pick(pieces) }.joined()
    }
}

@Suite("Labels of Google Secret Manager")
struct GoogleLabelsTests {
    @Test(
        "what the service accepts",
        arguments: [
            ("application", "kestra-production"), ("a", ""), ("team_1", "0"), ("\u{e9}quipe", "\u{e9}t\u{e9}"),
            ("\u{6771}\u{4eac}", "\u{6771}\u{4eac}"),
            (String(repeating: "a", count: 63), String(repeating: "9", count: 63)),
        ]
    )
    func accepted(name: String, value: String) {
        #expect(GoogleLabels.fault(name: name, value: value) == nil)
    }

    @Test(
        "names that are none",
        arguments: [
            "", "Application", "1st", "-a", "_a", "a.b", "a/b", "a b", String(repeating: "a", count: 64),
            String(repeating: "\u{6771}", count: 43),
        ]
    )
    func names(name: String) {
        #expect(GoogleLabels.fault(name: name, value: "v") == .name)
    }

    @Test(
        "values that are none",
        arguments: ["Production", "a.b", "a b", "\u{1f511}", String(repeating: "a", count: 64), "line\nbreak"]
    )
    func values(value: String) {
        #expect(GoogleLabels.fault(name: "a", value: value) == .value)
    }

    @Test("the first fault in the order of names is the one that is told")
    func order() throws {
        let fault = try #require(GoogleLabels.fault(in: ["c": "C", "b": "B", "a": "a"]))
        #expect(fault.name == "b" && fault.fault == .value)
        #expect(GoogleLabels.fault(in: ["a": "a"]) == nil)
    }
}

@Suite("What Google Secret Manager writes")
struct GoogleFormatTests {
    @Test(
        "CRC-32C of the published vectors",
        arguments: [
            ([], 0), (Array("a".utf8), 3_251_651_376), (Array("123456789".utf8), 3_808_858_755),
            (Array("hunter2".utf8), 1_736_498_283), (Array("s3cr\u{0}t".utf8), 1_167_915_893),
            ([UInt8](repeating: 0, count: 32), 2_324_772_522), ([UInt8](repeating: 0xff, count: 32), 1_655_221_059),
            ((0..<32).map { UInt8($0) }, 1_188_919_630),
        ] as [([UInt8], UInt32)]
    )
    func checksum(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32C.of(bytes.span) == expected)
    }

    @Test(
        "times",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T09:30:15.123456Z", 1_795_253_415_123),
            ("2026-11-21T09:30:15.1Z", 1_795_253_415_100), ("2024-02-29T23:59:59.999999999Z", 1_709_251_199_999),
            ("2024-03-01T00:00:00Z", 1_709_251_200_000), ("2000-01-01T00:00:00+01:30", 946_679_400_000),
            ("1969-12-31T23:59:59Z", -1000),
        ] as [(String, Int64)]
    )
    func times(text: String, expected: Int64) {
        #expect(GoogleTimestamp.milliseconds(text) == expected)
    }

    @Test(
        "texts that are no times",
        arguments: [
            "", "2026", "2026-11-21", "2026-11-21T09:30:15", "2026-13-21T09:30:15Z", "2026-11-21T24:30:15Z",
            "2026-11-21T09:30:15.Z", "2026-11-21T09:30:15Zx", "2026-11-21 09:30:15Z", "2026-11-21T09:30:15+1:00",
        ]
    )
    func notTimes(text: String) {
        #expect(GoogleTimestamp.milliseconds(text) == nil)
    }
}
