import SecretMemory
import Testing

@testable import Configuration

@Suite("Environment names")
struct OverrideTests {
    @Test func `variables win over files, and nest as deep as keys do`() throws {
        let text = "tacit: {limits: {loops: 1}}\nkestra: {secret: {type: env, vault: {address: a}}}\n"
        let environment: FixedEnvironment = [
            "TACIT_LIMITS_LOOPS": "3", "KESTRA_SECRET_TYPE": "vault", "KESTRA_SECRET_VAULT_TOKEN_TOKEN": "t-value",
            "KESTRA_SECRET_VAULT_APP__ROLE_SECRET__ID": "r-value",
            "KESTRA_SECRET_CACHE_EXPIRE_AFTER_WRITE": "90s", "KESTRA_SECRET_ISOLATION_ENABLED": "true",
            "KESTRA_SECRET_ISOLATION_DENIED_SERVICES": "EXECUTOR, webserver,", "KESTRA_SECRET_READ_ONLY": "",
            "KESTRA_SERVER_LIVENESS_HEARTBEAT_INTERVAL": "1s",
        ]
        let loaded = try load(text, environment: environment)
        let secret = loaded.settings.kestra.secret
        #expect(loaded.settings.limits.loops == 3)
        #expect(secret.type == "vault")
        #expect(secret.cache.expireAfterWrite == .seconds(90))
        #expect(secret.isolation.denied == [.executor, .webserver])
        #expect(!secret.readOnly)
        #expect(loaded.settings.kestra.liveness.heartbeatInterval == .seconds(1))
        let section = secret.sectionReader(problems: ConfigurationProblems())
        #expect(section.string("address") == "a")
        let isToken = holds(section.nested("token").secret("token"), "t-value")
        let isRole = holds(section.nested("app-role").secret("secret-id"), "r-value")
        #expect(isToken)
        #expect(isRole)
        #expect(
            loaded.secretVariables == ["KESTRA_SECRET_VAULT_APP__ROLE_SECRET__ID", "KESTRA_SECRET_VAULT_TOKEN_TOKEN"]
        )
        #expect(loaded.warnings.isEmpty)
    }

    @Test func `a type that begins with a digit has an environment name too`() throws {
        let environment: FixedEnvironment = [
            "KESTRA_SECRET_TYPE": "1password", "KESTRA_SECRET_1PASSWORD_ADDRESS": "http://localhost:1",
        ]
        let secret = try load("", environment: environment).settings.kestra.secret
        #expect(secret.sectionReader(problems: ConfigurationProblems()).string("address") == "http://localhost:1")
    }

    @Test func `a mistake in a variable names the variable`() throws {
        let found = try problems("", environment: ["TACIT_LIMITS_LOOPS": "x"])
        #expect(found == ["environment variable TACIT_LIMITS_LOOPS: tacit.limits.loops: must be an integer"])
    }

    @Test func `an unknown variable below the isolation is refused, one that is nearly right is warned of`() throws {
        let found = try problems("", environment: ["KESTRA_SECRET_ISOLATION_ENABLE": "true"])
        #expect(
            found == [
                "environment variable KESTRA_SECRET_ISOLATION_ENABLE: is not a key of the isolation; "
                    + "did you mean \"KESTRA_SECRET_ISOLATION_ENABLED\"?"
            ]
        )
        let loaded = try load(
            "",
            environment: [
                "TACIT_LOG_LEVL": "debug", "TACIT_SOCKET": "x", "KESTRA_PLUGINS_PATH": "x", "TACIT_PORT_1_TCP": "x",
            ]
        )
        #expect(
            loaded.warnings.map(\.description) == [
                "environment variable TACIT_LOG_LEVL: sets nothing; TACIT_LOG_LEVEL would"
            ]
        )
    }

    @Test func `a whole document in KESTRA_CONFIGURATION counts less than a file, and is to be erased`() throws {
        let document = "tacit: {node: from-variable, log: {level: debug}}"
        let loaded = try load(
            "tacit: {node: from-file}",
            environment: FixedEnvironment(["KESTRA_CONFIGURATION": bytes(Array(document.utf8))])
        )
        #expect(loaded.settings.node == "from-file")
        #expect(loaded.settings.log.level == .debug)
        #expect(loaded.secretVariables == ["KESTRA_CONFIGURATION"])
        let found = try problems("", environment: ["KESTRA_CONFIGURATION": "tacit: {\n x: 1}"])
        #expect(found == ["environment variable KESTRA_CONFIGURATION:2: tacit.x: is not a key that is known here"])
    }

    @Test func `the node's name comes from NODE_NAME where no key says it`() throws {
        #expect(try load("", environment: ["NODE_NAME": "node-3"]).settings.node == "node-3")
        #expect(try load("tacit: {node: n}", environment: ["NODE_NAME": "node-3"]).settings.node == "n")
        #expect(try !load("").settings.node.isEmpty)
    }

    @Test("every name reaches a setting: an odd value is refused or shown", arguments: allNames)
    func reaches(name: String) throws {
        var values = ["NODE_NAME": "n", name: "-7"]
        if let type = testCatalogue.types.first(where: {
            name.hasPrefix(KeySpelling.environmentName("kestra.secret.\($0)."))
        }) {
            values["KESTRA_SECRET_TYPE"] = type
        }
        let environment = try FixedEnvironment(values.mapValues { try bytes(Array($0.utf8)) })
        values[name] = nil
        let without = try FixedEnvironment(values.mapValues { try bytes(Array($0.utf8)) })
        let found = try problems("", environment: environment)
        if found.isEmpty {
            #expect(
                try load("", environment: environment).effectiveText() != load("", environment: without).effectiveText()
            )
        } else {
            #expect(found.allSatisfy { $0.hasPrefix("environment variable \(name): ") }, "\(found)")
            #expect(!found.joined().contains("is not a key"))
        }
    }

    private static let allNames = EnvironmentOverrides(RootSchema.make(testCatalogue)).names

    @Test func `the names are those that the documentation gives`() {
        let names = Set(Self.allNames)
        for name in [
            "KESTRA_SECRET_AWS_SECRET_MANAGER_ACCESS_KEY_ID", "KESTRA_SECRET_VAULT_TOKEN_TOKEN_FILE",
            "KESTRA_ENCRYPTION_SECRET_KEY", "KESTRA_CONFIGURATIONS_DELETE_FILES_ON_START", "TACIT_TLS_CLIENT_CA",
            "TACIT_SHUTDOWN_GRACE",
        ] {
            #expect(names.contains(name))
        }
        #expect(names.count > 80)
    }
}
