import Configuration
import Testing

@Suite("Several files")
struct MergeTests {
    @Test func `mappings merge, lists and values are replaced, spellings are one key`() throws {
        let first = """
            tacit:
              node: first
              tls: {client-ca: one, certificate: crt}
              listeners:
                - address: tcp://0.0.0.0:1
                - address: tcp://0.0.0.0:2
            kestra:
              secret: {type: aws-secret-manager, aws-secret-manager: {tags: {aB: "1", a-b: "2"}}}
            """
        let second = """
            tacit:
              tls: {clientCa: two}
              listeners:
                - address: tcp://0.0.0.0:3
            kestra:
              secret: {aws-secret-manager: {region: r, tags: {aB: "3"}}}
            """
        let settings = try load(first, second).settings
        #expect(settings.node == "first")
        #expect(settings.tls.clientCA == "two")
        #expect(settings.tls.certificate == "crt")
        #expect(settings.listeners.map(\.address.description) == ["tcp://0.0.0.0:3"])
        #expect(settings.kestra.secret.tags == ["aB": "3", "a-b": "2"])
    }

    @Test func `a value remembers the file it came from`() throws {
        let found = try problems(
            "tacit:\n  limits: {loops: 1, payload: x}\n",
            "# one\n# two\ntacit: {limits: {loops: y}}\n"
        )
        #expect(found.count == 2)
        #expect(found.contains("b.yml:3: tacit.limits.loops: must be an integer"))
        #expect(found.contains { $0.hasPrefix("a.yml:2: tacit.limits.payload: ") })
        let text = try load("tacit: {node: a}", "\ntacit: {log: {level: debug}}").effectiveText(showsOrigins: true)
        #expect(text.contains("  node: a  # a.yml:1\n"))
        #expect(text.contains("    level: debug  # b.yml:2\n"))
        #expect(text.contains("    format: plain  # default\n"))
    }

    @Test func `a key without a value takes an earlier one back`() throws {
        #expect(try load("tacit: {log: {level: debug}}", "tacit: {log: }").settings.log == LogSettings())
    }
}

@Suite("Sections that stand alone")
struct BareSectionTests {
    @Test func `secret at the top is kestra secret`() throws {
        let loaded = try load("secret:\n  type: doppler\n  doppler: {project: p, secretNamePrefix: x}\n")
        #expect(loaded.settings.kestra.secret.type == "doppler")
        #expect(loaded.notes.map(\.description) == ["a.yml:1: secret: is read as kestra.secret"])
        let found = try problems("secret:\n  type: doppler\n  doppler: {projct: p}\n")
        #expect(found == [#"a.yml:3: secret.doppler.projct: is not a key that is known here; did you mean "project"?"#])
    }

    @Test func `it merges with a kestra beside it`() throws {
        let secret = try load("kestra: {secret: {readOnly: true}}\nsecret: {type: jdbc}\n").settings.kestra.secret
        #expect(secret.type == "jdbc")
        #expect(secret.readOnly)
    }

    @Test func `a manager's keys alone are told by their names`() throws {
        let loaded = try load(
            "address: https://v\nroot-engine: secret\nsecretPathPrefix: app1\ntoken:\n  token: ${T}\n",
            environment: ["T": "t"]
        )
        #expect(loaded.settings.kestra.secret.type == "vault")
        #expect(loaded.notes.map(\.message) == ["is read as kestra.secret.vault"])
        let isToken = holds(
            loaded.settings.kestra.secret.sectionReader(problems: ConfigurationProblems()).nested("token").secret(
                "token"
            ),
            "t"
        )
        #expect(isToken)
    }

    @Test func `keys that fit several managers are refused with their names`() throws {
        let found = try problems("username: u\npassword: p\naddress: a\n")
        #expect(
            found == [
                "a.yml:1: holds the keys of a secrets manager, but of which: cyberark, delinea; "
                    + "write them below kestra.secret with a type"
            ]
        )
    }

    @Test func `the placeholder of the documentation is skipped with a warning`() throws {
        let loaded = try load("kestra:\n  secret:\n    <secret-type>:\n      tags: {a: b}\n")
        #expect(loaded.settings.kestra.secret.type == "env")
        #expect(loaded.warnings.map(\.message) == ["is skipped: write the name of the manager instead"])
    }

    @Test func `a file that is no configuration is skipped key by key`() throws {
        let loaded = try load("id: flow\nnamespace: a.b\ntasks:\n  - id: x\n    url: '{{ secret(''A'') }}'\n")
        #expect(loaded.notes.map(\.keyPath) == ["id", "namespace", "tasks"])
    }
}

@Suite("Defaults")
struct DefaultTests {
    @Test func `an empty configuration has the documented defaults`() throws {
        let settings = try load("", environment: ["NODE_NAME": "n"]).settings
        #expect(settings.listeners == [ListenerSettings()])
        #expect(settings.kestra.secret.type == "env")
        #expect(settings.kestra.secret.cache == CacheSettings())
        #expect(settings.kestra.secret.cache.enabled)
        #expect(settings.kestra.secret.isolation.denied.isEmpty)
        #expect(settings.kestra.liveness == LivenessSettings())
        #expect(settings.memory.lock == .required)
        #expect(settings.audit == AuditSettings())
        #expect(settings.policy.grants.isEmpty)
        #expect(!settings.kestra.deleteFilesOnStart)
    }

    @Test func `isolation without a list denies executor, scheduler and webserver`() throws {
        let secret = try load("kestra: {secret: {isolation: {enabled: true}}}").settings.kestra.secret
        #expect(secret.isolation.denied == [.executor, .scheduler, .webserver])
        let replaced = try load("kestra: {secret: {isolation: {enabled: true, denied-services: [worker]}}}")
        #expect(replaced.settings.kestra.secret.isolation.denied == [.worker])
        let off = try load("kestra: {secret: {isolation: {denied-services: [worker]}}}")
        #expect(off.settings.kestra.secret.isolation.denied.isEmpty)
    }

    @Test func `the old heartbeat counts where there is no liveness, with a warning`() throws {
        let old = try load("kestra: {heartbeat: {frequency: 4s, heartbeat-missed: 5}}")
        #expect(old.settings.kestra.liveness.heartbeatInterval == .seconds(4))
        #expect(old.settings.kestra.liveness.timeout == .seconds(20))
        #expect(old.warnings.map(\.keyPath) == ["kestra.heartbeat"])
        let both = try load("kestra: {heartbeat: {frequency: 4s}, server: {liveness: {interval: 9s}}}")
        #expect(both.settings.kestra.liveness.heartbeatInterval == .seconds(3))
        #expect(both.warnings.map(\.message) == ["is not used beside kestra.server.liveness"])
    }
}
