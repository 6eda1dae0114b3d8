import SecretMemory
import Testing

@testable import Configuration

@Suite("The effective configuration")
struct EffectiveTests {
    @Test("never shows a secret, written into the file or not", arguments: try fixtures(in: "kebab"))
    func masked(name: String) throws {
        let loaded = try load(fixture("kebab/\(name)"), environment: ["VAULT_TOKEN": "not-a-real-token"])
        for text in [loaded.effectiveText(), loaded.effectiveText(showsOrigins: true)] {
            for secret in ["not-a-real", "a-made-up-key", "AKIDEXAMPLE", "bm90LWEtcmVhbC1", "private_key"] {
                #expect(!text.contains(secret))
            }
        }
        let shown = (loaded.notes + loaded.warnings).map(\.description).joined()
        #expect(!shown.contains("not-a-real") && !shown.contains("a-made-up-key"))
    }

    @Test func `masks have one length, and unknown kinds are masked too`() throws {
        let text = try load(fixture("kebab/vault.yml")).effectiveText()
        #expect(text.contains("      address: https://vault.example.org:8200\n"))
        #expect(text.contains("        token: \"********\"\n"))
        #expect(text.contains("        user: worker\n        password: \"********\"\n"))
    }

    @Test func `passwords inside addresses are masked`() throws {
        let text = try load(
            "kestra: {secret: {type: cyberark, cyberark: {address: 'https://me:hush@host/p@th'}}}"
        ).effectiveText()
        #expect(!text.contains("hush"))
        #expect(text.contains("address: \"https://********@th\""))
    }

    @Test("reads back as the same settings", arguments: try fixtures(in: "kebab"))
    func roundTrip(name: String) throws {
        let environment: FixedEnvironment = ["VAULT_TOKEN": "x", "NODE_NAME": "n"]
        let first = try load(fixture("kebab/\(name)"), environment: environment).effectiveText()
        let second = try load(first, environment: environment).effectiveText()
        #expect(first == second)
    }

    @Test(
        "texts read back as themselves",
        arguments: [
            "plain", "with space", "", "null", "~", "- x", "a: b", "a:", "#x", "x #y", "\"q\"", "back\\slash",
            "tab\tand\nline",
            "ünïcode", "\u{85}\u{7f}", "{a}", "[a]", "*a", "&a", "!a", "%a", "@a", "`a`", "true", "0x10", "-", "?", "|",
            ">",
        ]
    )
    func quoting(text: String) throws {
        let yaml = "tacit:\n  tls:\n    client-ca: \(YAMLText.scalar(text))\n"
        if text.isEmpty {
            #expect(try problems(yaml) == ["a.yml:3: tacit.tls.client-ca: must not be empty"])
        } else {
            #expect(try load(yaml).settings.tls.clientCA == text)
        }
    }

    @Test func `inline secrets are warned of by key and line, never by value`() throws {
        let loaded = try load(fixture("kebab/vault.yml"))
        #expect(
            loaded.warnings.first?.description
                == "a.yml:13: kestra.secret.vault.password.password: is a secret written into the file; "
                + "a placeholder for a variable, or password-file, is safer"
        )
        #expect(loaded.warnings.count == 4)
    }

    #if DEBUG
        @Test func `nothing of a secret stays in the arena once the configuration is let go`() throws {
            let masked = (0..<24).map { _ in UInt8.random(in: 0x61...0x7a) ^ 0x5a }
            func held() throws -> Int {
                let value = SharedSecret(
                    try SecretBytes(capacity: 24, account: .general) { output in
                        for byte in masked { output.append(byte ^ 0x5a) }
                    }
                )
                let environment = FixedEnvironment(["T": value])
                let loaded = try load("kestra: {encryption: {secret-key: '${T}'}}", environment: environment)
                let isThere = loaded.settings.kestra.encryptionKey != nil
                #expect(isThere)
                return ArenaProbe.count(masked: masked).full
            }
            #expect(try held() > 0)
            let left = ArenaProbe.count(masked: masked)
            #expect(left.full == 0)
            #expect(left.fragments == 0)
        }
    #endif
}
