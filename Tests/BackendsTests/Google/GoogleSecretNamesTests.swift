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

    @Test(
        "a secret that was made by hand is found behind the prefix, and keys that could not be an identifier are not there"
    )
    func flatNames() {
        let bare = GoogleSecretNames(prefix: "")
        #expect(names.flatIdentifier(of: "DB_PASSWORD") == "kestra_DB_PASSWORD")
        #expect(names.flatKey(of: "kestra_DB_PASSWORD") == "DB_PASSWORD")
        #expect(bare.flatIdentifier(of: "DB_PASSWORD") == "DB_PASSWORD")
        #expect(bare.flatKey(of: "DB_PASSWORD") == "DB_PASSWORD")
        for key in ["", "a.b", "a b", "a/b", "\u{e9}", "..", String(repeating: "k", count: 256)] {
            #expect(bare.flatIdentifier(of: key) == nil)
        }
        #expect(names.flatKey(of: "DB_PASSWORD") == nil)
        #expect(names.flatKey(of: "kestra_") == nil)
    }

    @Test("no key reaches, as a name made by hand, what an installation has written for another namespace or tenant")
    func flatNamesReachNothingElse() {
        var chance = SeededGenerator(seed: 4711)
        for prefix in ["", "kestra", "other", "a_b"] {
            let written = GoogleSecretNames(prefix: prefix)
            for _ in 0..<3_000 {
                let name = SecretName(tenant: text(&chance), namespace: text(&chance), key: text(&chance))
                guard let identifier = written.identifier(of: name) else { continue }
                for reader in [GoogleSecretNames(prefix: ""), names] {
                    #expect(reader.flatKey(of: identifier) == nil)
                    let start = reader.prefix.isEmpty ? "" : reader.prefix + "_"
                    guard identifier.utf8.starts(with: start.utf8) else { continue }
                    #expect(reader.flatIdentifier(of: String(identifier.dropFirst(start.count))) == nil)
                }
            }
        }
    }

    /// Short texts out of what is dangerous: markers, escapes, different spellings of one character.
    private func text(_ chance: inout SeededGenerator) -> String {
        let pieces = [
            "_", "n", "t", "d", "x", ".", "-", "a", "Z", "9", " ", "\u{e9}", "e\u{301}", "\n", "_n", "_t", "/",
        ]
        return (0..<Int.random(in: 0...6, using: &chance)).map { _ in chance.pick(pieces) }.joined()
    }
}
