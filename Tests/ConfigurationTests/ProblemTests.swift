import Configuration
import Testing

@Suite("Problems")
struct ProblemTests {
    @Test(
        "each mistake is reported with its file, line, key and what was meant",
        arguments: [
            (
                "tacit:\n  limts:\n    loops: 1\n",
                #"a.yml:2: tacit.limts: is not a key that is known here; did you mean "limits"?"#
            ),
            (
                "tacit:\n  limits:\n    handshake-timout: 1s\n",
                #"a.yml:3: tacit.limits.handshake-timout: is not a key that is known here; did you mean "handshake-timeout"?"#
            ),
            ("tacit:\n  limits: {loops: many}\n", "a.yml:2: tacit.limits.loops: must be an integer"),
            ("tacit:\n  limits: {loops: 0}\n", "a.yml:2: tacit.limits.loops: must be between 1 and 256"),
            ("tacit:\n  limits: {loops: -1}\n", "a.yml:2: tacit.limits.loops: must be between 1 and 256"),
            ("tacit:\n  limits: {loops: [1]}\n", "a.yml:2: tacit.limits.loops: must be a single value, and is a list"),
            ("tacit:\n  limits: 7\n", "a.yml:2: tacit.limits: must be a mapping of keys, and is a single value"),
            (
                "tacit:\n  limits: {idle-timeout: 60}\n",
                "a.yml:2: tacit.limits.idle-timeout: has no unit; write for example 60s"
            ),
            (
                "tacit:\n  limits: {request-timeout: 1ms}\n",
                "a.yml:2: tacit.limits.request-timeout: must be between 10ms and 1h"
            ),
            (
                "tacit:\n  limits: {payload: big}\n",
                "a.yml:2: tacit.limits.payload: is no size; write for example 65536, 64KiB, 4MiB or 1GiB"
            ),
            ("tacit:\n  limits: {payload: 1}\n", "a.yml:2: tacit.limits.payload: must be between 1KiB and 64MiB"),
            ("tacit:\n  audit: {required: maybe}\n", "a.yml:2: tacit.audit.required: must be true or false"),
            (
                "tacit:\n  memory: {lock: requird}\n",
                #"a.yml:2: tacit.memory.lock: must be one of required, preferred; did you mean "required"?"#
            ),
            (
                "tacit:\n  memory:\n    initial: 8MiB\n    maximum: 4MiB\n",
                "a.yml:4: tacit.memory.maximum: must not be less than initial"
            ),
            ("tacit:\n  listeners: []\n", "a.yml:2: tacit.listeners: must name at least one listener"),
            ("tacit:\n  listeners:\n    - mode: 0600\n", "a.yml:3: tacit.listeners[0].address: is missing"),
            (
                "tacit:\n  listeners:\n    - address: http://x\n",
                "a.yml:3: tacit.listeners[0].address: must be unix:///PATH of at most 107 bytes, tcp://HOST:PORT or tcp://[IPV6]:PORT"
            ),
            (
                "tacit:\n  listeners:\n    - address: unix:///x\n      mode: \"0888\"\n",
                "a.yml:4: tacit.listeners[0].mode: must be octal permissions such as \"0660\""
            ),
            (
                "tacit:\n  listeners:\n    - address: tcp://0.0.0.0:1\n      group: g\n",
                "a.yml:4: tacit.listeners[0].group: is for Unix sockets only"
            ),
            (
                "tacit:\n  health: {address: here}\n",
                "a.yml:2: tacit.health.address: must be HOST:PORT, [IPV6]:PORT or off"
            ),
            ("tacit:\n  node: ''\n", "a.yml:2: tacit.node: must not be empty"),
            ("tacit:\n  scopes:\n    - {tenant: a}\n", "a.yml:3: tacit.scopes[0].secret: is missing"),
            (
                "tacit:\n  scopes:\n    - {tenant: a, secret: {}}\n    - {tenant: a, secret: {}}\n",
                "a.yml:4: tacit.scopes[1]: is the second scope of the same tenant and namespace"
            ),
            (
                "kestra:\n  secret:\n    type: valt\n",
                #"a.yml:3: kestra.secret.type: "valt" is not a secrets manager that is known here; did you mean "vault"?"#
            ),
            (
                "kestra:\n  secret:\n    type: vault\n    vault:\n      adress: x\n",
                #"a.yml:5: kestra.secret.vault.adress: is not a key that is known here; did you mean "address"?"#
            ),
            (
                "kestra:\n  secret:\n    type: vault\n    vault:\n      engine-version: two\n",
                "a.yml:5: kestra.secret.vault.engine-version: must be an integer"
            ),
            (
                "kestra:\n  secret:\n    type: vault\n    vault: {token: t}\n",
                "a.yml:4: kestra.secret.vault.token: must be a mapping of keys, and is a single value"
            ),
            (
                "kestra:\n  secret:\n    isolation: {enbled: true}\n",
                #"a.yml:3: kestra.secret.isolation.enbled: is not a key that is known here; did you mean "enabled"?"#
            ),
            (
                "kestra:\n  secret:\n    isolation: {enabled: ture}\n",
                "a.yml:3: kestra.secret.isolation.enabled: must be true or false"
            ),
            (
                "kestra:\n  secret:\n    isolation:\n      denied-services: [EXECUTER]\n",
                #"a.yml:4: kestra.secret.isolation.denied-services: "EXECUTER" is not a service type; did you mean "EXECUTOR"?"#
            ),
            (
                "kestra:\n  secret:\n    cache: {refresh-after-write: 2m}\n",
                "a.yml:3: kestra.secret.cache.refresh-after-write: must be shorter than expire-after-write"
            ),
            (
                "kestra:\n  server:\n    liveness: {timeout: 3s}\n",
                "a.yml:3: kestra.server.liveness.heartbeat-interval: must be shorter than timeout"
            ),
            (
                "kestra:\n  secrets: {}\n",
                #"a.yml:2: kestra.secrets: is not a key that is known here; did you mean "secret"?"#
            ),
            ("kestar: {}\n", #"a.yml:1: kestar: is not a key that is known here; did you mean "kestra"?"#),
            (
                "kestra.secret.type: env\n",
                "a.yml:1: kestra.secret.type: is a key with dots; write its parts below each other"
            ),
            (
                "kestra:\n  secret.type: env\n",
                "a.yml:2: kestra.secret.type: is a key with dots; write its parts below each other"
            ),
            (
                "kestra:\n  retries: {multiplier: nan}\n",
                "a.yml:2: kestra.retries.multiplier: must be a number"
            ),
        ]
    )
    func mistakes(text: String, expected: String) throws {
        #expect(try problems(text) == [expected])
    }

    @Test(
        "a rule that would be misunderstood is refused",
        arguments: [
            ("{identity: x, service: WORKER}", "identity: must be spiffe://"),
            ("{identity: 'spiffe://a/*x', service: WORKER}", "identity: must be spiffe://"),
            ("{identity: 'spiffe://a/**/b', service: WORKER}", "identity: must be spiffe://"),
            ("{identity: 'spiffe://a/{who}', service: WORKER}", "identity: must be spiffe://"),
            ("{identity: 'spiffe://a/b'}", "service: is missing"),
            (
                "{identity: 'spiffe://a/b', service: WORKR}",
                #"service: "WORKR" is not a service type; did you mean "WORKER"?"#
            ),
            (
                "{identity: 'spiffe://a/b', service: '{service}'}",
                "service: uses {service}, which the identity does not capture"
            ),
            (
                "{identity: 'spiffe://a/b', service: '*', tenant: 'm*'}",
                "tenant: may have * or ** as its last part only"
            ),
            (
                "{identity: 'spiffe://a/b', service: '*', namespaces: ['a.*.b']}",
                "namespaces: may have * or ** as its last part only"
            ),
            (
                "{identity: 'spiffe://a/b', service: '*', namespaces: ['a..b']}",
                "namespaces: has a pattern that cannot be read"
            ),
            (
                "{identity: 'spiffe://a/b', service: '*', operations: [read]}",
                #"operations: "read" is not one of get, list, put, delete, watch, evict, health, heartbeat"#
            ),
            (
                "{identity: 'spiffe://a/b', service: '*', operations: [get]}",
                "keys: is missing; nothing is granted without it"
            ),
            ("{identity: 'spiffe://a/b', service: '*', require: {uid: root}}", "require.uid: must be an integer"),
        ]
    )
    func rules(rule: String, expected: String) throws {
        let found = try problems("tacit:\n  policy:\n    grants:\n      - \(rule)\n")
        let wanted = "a.yml:4: tacit.policy.grants[0].\(expected)"
        #expect(found.contains { $0.hasPrefix(wanted) }, "\(found)")
    }

    @Test func `all problems of all files are reported at once, up to the limit`() throws {
        let first = "tacit:\n  limits: {loops: x, payload: y}\n"
        let second = "tacit:\n  log: {level: loud}\nkestra:\n  secret: {type: nothing-like-it}\n"
        let found = try problems(first, second)
        #expect(found.count == 4)
        #expect(found.count { $0.hasPrefix("a.yml:2: ") } == 2)
        #expect(found.contains { $0.hasPrefix("b.yml:4: kestra.secret.type: ") })
        var limits = ConfigurationLimits()
        limits.problems = 3
        let error = #expect(throws: ConfigurationError.self) { try load(first, second, limits: limits) }
        #expect(error?.problems.count == 3)
        #expect(error?.omitted == 1)
        #expect(error?.description.hasSuffix("and 1 more") == true)
    }

    @Test func `two spellings of one key are a duplicate`() throws {
        let found = try problems("tacit:\n  tls:\n    client-ca: a\n    clientCa: b\n")
        #expect(found == ["a.yml:4: tacit.tls.clientCa: is there twice, as client-ca in line 3 and here"])
    }

    @Test func `a mistake never shows the value of a secret`() throws {
        let value = "correct-horse-battery"
        for text in [
            "kestra:\n  secret:\n    type: vault\n    vault:\n      token: {token: [\(value)]}\n",
            "kestra:\n  secret:\n    type: vault\n    vault:\n      token: {token: {a: \(value)}}\n",
            "kestra:\n  secret:\n    type: vault\n    vault:\n      token: \(value)\n",
            "kestra:\n  secret:\n    type: vault\n    vault:\n      token: {token: \"${\(value)\"}\n",
            "kestra:\n  secret:\n    type: vault\n    vault:\n      token: {token: &x \(value), other: *y}\n",
            "kestra:\n  encryption:\n    secret-key: !!binary \(value)\n",
            "kestra:\n  encryption:\n    secret-key: '\(value)\n",
            "kestra:\n  encryption:\n    secret-key: {\(value)!: }\n",
        ] {
            let found = try problems(text)
            #expect(!found.isEmpty)
            #expect(!found.joined().contains(value))
        }
    }
}
