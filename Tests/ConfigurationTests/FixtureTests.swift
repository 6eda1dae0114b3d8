import Configuration
import Testing

@Suite("Documented keys")
struct FixtureTests {
    private static let environment: FixedEnvironment = ["VAULT_TOKEN": "from-the-environment", "NODE_NAME": "n"]

    @Test("every documented key loads in both spellings, and means the same", arguments: try fixtures(in: "kebab"))
    func spellings(name: String) throws {
        let kebab = try load(fixture("kebab/\(name)"), environment: Self.environment)
        let camel = try load(fixture("camel/\(name)"), environment: Self.environment)
        #expect(kebab.effectiveText() == camel.effectiveText())
        #expect(kebab.settings.kestra.secret.tags == camel.settings.kestra.secret.tags)
        if !name.hasSuffix("-root.yml") {
            #expect("\(kebab.settings.kestra.secret.type).yml" == name)
            #expect(kebab.settings.kestra.secret.section != nil)
        }
    }

    @Test func `the fixtures differ in spelling where there is something to differ in`() throws {
        var different = 0
        for name in try fixtures(in: "kebab") where try fixture("kebab/\(name)") != fixture("camel/\(name)") {
            different += 1
        }
        #expect(different >= 9)
    }

    @Test func `every key of the root tacit reaches the settings`() throws {
        let settings = try load(fixture("kebab/tacit-root.yml"), environment: Self.environment).settings
        #expect(settings.node == "node-7")
        #expect(settings.listeners.count == 2)
        #expect(settings.listeners[0].address == .unix("/run/example/agent.sock"))
        #expect(settings.listeners[0].mode == 0o600)
        #expect(settings.listeners[0].owner == "agent")
        #expect(settings.listeners[0].group == "workers")
        #expect(settings.listeners[1].address == .tcp(HostAndPort(host: "::1", port: 7443)))
        #expect(settings.tls.certificate == "/etc/example/tls.crt")
        #expect(settings.tls.privateKey == "/etc/example/tls.key")
        #expect(settings.tls.clientCA == "/etc/example/ca.crt")
        #expect(settings.tls.revocationList == "/etc/example/ca.crl")
        let grant = try #require(settings.policy.grants.first)
        #expect(grant.name == "tacit.policy.grants[0]")
        #expect(grant.identity == "spiffe://example.org/tenant/{tenant}/service/{service}")
        #expect(grant.service == "{service}")
        #expect(grant.tenant == "{tenant}")
        #expect(grant.namespaces == ["company.**", "team.*", "exact.one"])
        #expect(grant.keys == ["DB_*"])
        #expect(grant.operations == [.get, .list, .watch])
        #expect(grant.uid == 1000)
        #expect(grant.gid == 100)
        let denial = try #require(settings.policy.denials.first)
        #expect(denial.service == "EXECUTOR")
        #expect(denial.operations == [.put, .delete, .evict, .health, .heartbeat])
        #expect(denial.uid == nil)
        #expect(settings.memory.lock == .preferred)
        #expect(settings.memory.initial == 8 << 20)
        #expect(settings.memory.maximum == 128 << 20)
        #expect(settings.audit.destination == .file("/var/log/example/audit.jsonl"))
        #expect(!settings.audit.required)
        #expect(settings.health.address == HostAndPort(host: "::1", port: 9000))
        #expect(settings.log.format == .json)
        #expect(settings.log.level == .debug)
        #expect(settings.shutdownGrace == .seconds(20))
        #expect(settings.registry.type == .postgresql)
        #expect(settings.registry.url == "jdbc:postgresql://db1.example.org,db2.example.org/nodes")
        #expect(settings.registry.username == "tacit")
        #expect(settings.registry.allowInsecureTransport)
        let isPassword = holds(settings.registry.password, "from-the-environment")
        #expect(isPassword)
        let limits = settings.limits
        #expect(limits.connections == 100)
        #expect(limits.requestsPerConnection == 16)
        #expect(limits.payload == 65_536)
        #expect(limits.handshakeTimeout == .seconds(2))
        #expect(limits.handshakesPerSecond == 50)
        #expect(limits.idleTimeout == nil)
        #expect(limits.requestTimeout == .seconds(3))
        #expect(limits.loops == 2)
    }

    @Test func `a scope has a manager, a cache and an isolation of its own`() throws {
        let loaded = try load(fixture("kebab/tacit-root.yml"), environment: Self.environment)
        let scopes = loaded.settings.scopes
        #expect(scopes.map(\.tenant) == ["main", "other"])
        #expect(scopes.map(\.namespace) == ["company.payments", nil])
        let secret = scopes[0].secret
        #expect(secret.type == "vault")
        #expect(secret.cache.expireAfterWrite == .seconds(10))
        #expect(secret.isolation.denied == [.worker])
        let problems = ConfigurationProblems()
        let section = secret.sectionReader(problems: problems)
        #expect(section.string("address") == "https://vault.example.org")
        let token = section.nested("token")
        let isRight = holds(token.secret("token"), "from-the-environment")
        #expect(isRight)
        token.finish()
        section.finish()
        #expect(problems.isEmpty)
        #expect(loaded.secretVariables == ["VAULT_TOKEN"])
        #expect(loaded.warnings.isEmpty)
    }

    @Test func `every key that the agent takes from kestra reaches the settings`() throws {
        let loaded = try load(fixture("kebab/kestra-root.yml"))
        let kestra = loaded.settings.kestra
        #expect(kestra.secret.readOnly)
        #expect(kestra.secret.encoding == .raw)
        #expect(!kestra.secret.cache.enabled)
        #expect(kestra.secret.cache.maximumSize == 5000)
        #expect(kestra.secret.cache.maximumBytes == 32 << 20)
        #expect(kestra.secret.cache.expireAfterWrite == .seconds(90))
        #expect(kestra.secret.cache.refreshAfterWrite == .seconds(30))
        #expect(kestra.secret.cache.serveStaleFor == .seconds(300))
        #expect(kestra.secret.cache.expireNotFound == .milliseconds(500))
        #expect(kestra.secret.isolation.denied == [.executor, .webserver])
        #expect(kestra.terminationGracePeriod == .seconds(360))
        #expect(kestra.restartStrategy == .never)
        #expect(kestra.purge.retention == .seconds(7 * 86_400))
        #expect(kestra.purge.initialDelay == .seconds(5))
        #expect(kestra.purge.fixedDelay == .seconds(600))
        #expect(!kestra.liveness.enabled)
        #expect(kestra.liveness.interval == .seconds(6))
        #expect(kestra.liveness.timeout == .seconds(50))
        #expect(kestra.liveness.initialDelay == .seconds(55))
        #expect(kestra.liveness.heartbeatInterval == .seconds(4))
        let isRight = holds(kestra.encryptionKey, "bm90LWEtcmVhbC1rZXktb2YtMzItYnl0ZXMhISEhISE=")
        #expect(isRight)
        #expect(kestra.deleteFilesOnStart)
        #expect(kestra.retries.attempts == 7)
        #expect(kestra.retries.delay == .milliseconds(250))
        #expect(kestra.retries.multiplier == 1.5)
        #expect(kestra.retries.maximumDelay == .seconds(20))
    }

    @Test func `keys of other programs are skipped with a note each, and their placeholders are not looked up`() throws
    {
        let loaded = try load(fixture("kebab/kestra-root.yml"))
        #expect(
            loaded.notes.map(\.keyPath) == [
                "kestra.server.basic-auth", "kestra.queue",
                "kestra.repository", "micronaut",
            ]
        )
        #expect(loaded.notes.allSatisfy { $0.message.hasSuffix("is skipped") && $0.line > 0 && $0.file == "a.yml" })
    }

    @Test func `tags keep their spelling`() throws {
        let secret = try load(fixture("camel/aws-secret-manager.yml")).settings.kestra.secret
        #expect(secret.tags == ["costCenter": "42"])
        #expect(secret.filterTags == ["application": "nightly"])
        #expect(secret.readOnly)
    }
}
