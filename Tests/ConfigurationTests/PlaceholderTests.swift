import Configuration
import SecretMemory
import Testing

@Suite("Placeholders")
struct PlaceholderTests {
    @Test(
        "names, defaults, chains and quoted defaults",
        arguments: [
            ("${A}", "one"), ("x${A}y${B}z", "xoneytwoz"), ("${MISSING:dflt}", "dflt"), ("${MISSING:A:dflt}", "one"),
            ("${MISSING:GONE:dflt}", "dflt"), ("${MISSING:`http://h:1`}", "http://h:1"),
            ("${MISSING:GONE:`a:b`}", "a:b"),
            ("${A:`http://h:1`}", "one"), ("${EMPTY:dflt}", "dflt"), ("${MISSING:``}x", "x"), ("x${MISSING:}", "x"),
            ("${LITERAL}", "${A}"), ("$A", "$A"), ("$${A}", "$one"), ("{A}", "{A}"), ("${tacit.log.level}", "debug"),
            ("${tacit.audit.file:x}", "/var/one.log"), ("${tacit.nothing.here:x}", "x"), ("${lower:x}", "x"),
            ("${tacit.tls.clientCa}", "ca"), ("$", "$"), ("a$", "a$"), ("}", "}"),
        ]
    )
    func replaced(text: String, expected: String) throws {
        let environment: FixedEnvironment = ["A": "one", "B": "two", "EMPTY": "", "LITERAL": "${A}", "lower": "no"]
        let document = """
            tacit:
              node: '\(text)'
              log: {level: debug}
              audit: {file: "/var/${A}.log"}
              tls: {client-ca: ca}
            """
        #expect(try load(document, environment: environment).settings.node == expected)
    }

    @Test(
        "what cannot be replaced is reported with file, line, key and name",
        arguments: [
            ("${GONE}", "needs GONE, which is not set and has no default"),
            ("a ${GONE} b", "needs GONE, which is not set and has no default"),
            ("${EMPTY}", "needs EMPTY, which is not set and has no default"),
            ("${lower}", "needs lower, which is not set and has no default"),
            ("${GONE", "has ${ without } (there is no way to write ${ itself; take it from a variable)"),
            ("${}", "has a placeholder whose name is not made of letters, digits, '.', '_' and '-'"),
            ("${a b}", "has a placeholder whose name is not made of letters, digits, '.', '_' and '-'"),
            ("${:x}", "has a placeholder whose name is not made of letters, digits, '.', '_' and '-'"),
            ("${GONE:${A:x}}", "has a placeholder whose name is not made of letters, digits, '.', '_' and '-'"),
            ("${GONE:`x}", "has a placeholder whose default begins with a back-tick and does not end with one"),
            ("${tacit.node}", "names keys that name keys too often, or in a circle"),
            (
                "${kestra.encryption.secret-key}",
                "takes its value from kestra.encryption.secret-key, which is a secret, and is none itself"
            ),
        ]
    )
    func refused(text: String, expected: String) throws {
        let document = "kestra: {encryption: {secret-key: k}}\ntacit:\n  node: '\(text)'\n"
        let found = try problems(document, environment: ["A": "one", "EMPTY": "", "lower": "no"])
        #expect(found.contains("a.yml:3: tacit.node: \(expected)"), "\(found)")
    }

    @Test func `a chain of names that has no value names all of them`() throws {
        let found = try problems("tacit: {node: '${GONE.AWAY}${GONE:x}'}")
        #expect(found == ["a.yml:1: tacit.node: needs GONE.AWAY, which is not set and has no default"])
    }

    @Test func `secrets are replaced without being noted as written into the file`() throws {
        let text = "kestra: {secret: {type: vault, vault: {token: {token: '${T}'}, app-role: {secret-id: 'x${S:y}'}}}}"
        let loaded = try load(text, environment: ["T": "t-value", "S": "s-value"])
        #expect(loaded.secretVariables == ["S", "T"])
        #expect(loaded.warnings.isEmpty)
        let section = loaded.settings.kestra.secret.sectionReader(problems: ConfigurationProblems())
        let isToken = holds(section.nested("token").secret("token"), "t-value")
        let isRole = holds(section.nested("app-role").secret("secret-id"), "xs-value")
        #expect(isToken)
        #expect(isRole)
    }

    @Test func `a variable for a key that is no secret is not one to erase`() throws {
        #expect(try load("tacit: {node: '${A}'}", environment: ["A": "x"]).secretVariables.isEmpty)
    }

    @Test func `the number of placeholders is bounded`() throws {
        let many = String(repeating: "${A:}", count: 200)
        var text = "a0: '\(many)'\n"
        for level in 1...7 {
            text += "a\(level): '\(String(repeating: "${a\(level - 1):}", count: 200))'\n"
        }
        text += "tacit: {node: '${a7:}x'}\n"
        let found = try problems(text)
        #expect(found.contains { $0.contains("is one placeholder too many; at most 10000 are replaced") })
    }

    @Test func `a section that is not in use is not replaced, and said to be unused`() throws {
        let loaded = try load("kestra:\n  secret:\n    type: env\n    vault: {address: '${GONE}'}\n")
        #expect(
            loaded.notes.map(\.description) == ["a.yml:4: kestra.secret.vault: is not used, because the type is env"]
        )
    }

    @Test func `the type may be a placeholder`() throws {
        let text = "kestra:\n  secret:\n    type: ${T:env}\n    vault: {address: '${ADDRESS}'}\n"
        let secret = try load(text, environment: ["T": "vault", "ADDRESS": "https://v"]).settings.kestra.secret
        #expect(secret.type == "vault")
        #expect(secret.sectionReader(problems: ConfigurationProblems()).string("address") == "https://v")
    }
}
