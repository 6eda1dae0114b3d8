import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

extension AWSSuites {
    @Suite("AWS: writing and deleting")
    struct AWSWritingTests {
        private let scene: AWSScene

        init() throws { scene = try AWSScene() }

        private func put(
            _ backend: AWSSecretsBackend,
            _ name: SecretName,
            description: String? = nil,
            tags: [String: String] = [:]
        ) async throws {
            let value = try SecretBytes(copying: "made up".utf8Span.span)
            _ = try await backend.put(SecretWrite(name: name, description: description, tags: tags), value: value)
        }

        private func labels(of id: String) throws -> [String: String] {
            let listed = try scene.call("DescribeSecret", ["SecretId": id])["Tags"] as? [[String: String]] ?? []
            return Dictionary(listed.map { ($0["Key"] ?? "", $0["Value"] ?? "") }, uniquingKeysWith: { $1 })
        }

        @Test("a new secret has the tags that make it this one, the configured ones, and its own before those")
        func created() async throws {
            let configured = [AWSTag(key: "application", value: "kestra"), AWSTag(key: "team", value: "a b")]
            let backend = try scene.backend(options: { $0.tags = configured })
            try await put(backend, name("DB/1", namespace: "write.new"), tags: ["team": "own"])
            #expect(
                try labels(of: "kestra/main/write.new/DB=2F1") == [
                    "namespace": "write.new", "key": "DB/1", "prefix": "kestra", "tenant": "main",
                    "application": "kestra", "team": "own",
                ]
            )
            try await put(backend, name("DB", namespace: "", tenant: ""))
            #expect(try labels(of: "kestra/=/DB")["namespace"] == "" && labels(of: "kestra/=/DB")["tenant"] == nil)
        }

        @Test("a change keeps name and tags, and adds what is missing of them")
        func changed() async throws {
            try scene.make("by hand", tags: tags("write.change", "A", more: ["owner": "x"]))
            let backend = try scene.backend(options: { $0.tags = [AWSTag(key: "application", value: "kestra")] })
            try await put(backend, name("A", namespace: "write.change"), description: "for tests")
            let described = try scene.call("DescribeSecret", ["SecretId": "by hand"])
            #expect(described["Description"] as? String == "for tests")
            #expect(try labels(of: "by hand")["owner"] == "x" && labels(of: "by hand")["application"] == "kestra")
            _ = try scene.operations()
            try await put(backend, name("A", namespace: "write.change"))
            #expect(try scene.operations() == ["ListSecrets", "PutSecretValue"])
        }

        @Test("what was written is read although listings do not show it yet")
        func lag() async throws {
            try scene.fake.command("lag", ["seconds": 300])
            let backend = try scene.backend()
            let secret = name("A", namespace: "write.lag")
            try await put(backend, secret)
            #expect(try await backend.read(secret) == Array("made up".utf8))
            try await put(backend, secret)
            let elsewhere = try scene.backend()
            try await put(elsewhere, secret)
            #expect(try await elsewhere.read(secret) == Array("made up".utf8))
            #expect(try await backend.delete(secret))
            #expect(try await backend.read(secret) == nil)
        }

        @Test("a secret that is scheduled for deletion is restored by a write, wherever it is")
        func restored() async throws {
            let backend = try scene.backend()
            for (secret, id) in [
                (name("OWN", namespace: "write.restore"), "kestra/main/write.restore/OWN"),
                (name("FOREIGN", namespace: "write.restore"), "restore-by-hand"),
            ] {
                if id == "restore-by-hand" {
                    try scene.make(id, tags: tags("write.restore", "FOREIGN"))
                } else {
                    try await put(backend, secret)
                }
                #expect(try await backend.delete(secret))
                #expect(try isScheduledForDeletion(id))
                #expect(try await backend.read(secret) == nil)
                #expect(try await !backend.delete(secret))
                try await put(backend, secret)
                #expect(try await backend.read(secret) == Array("made up".utf8))
                #expect(try !isScheduledForDeletion(id))
            }
        }

        private func isScheduledForDeletion(_ id: String) throws -> Bool {
            try scene.call("DescribeSecret", ["SecretId": id])["DeletedDate"] is Double
        }

        @Test("a name that belongs to a secret with other tags is left alone")
        func taken() async throws {
            try scene.make("kestra/main/write.taken/A", value: "theirs", tags: tags("elsewhere", "A"))
            let backend = try scene.backend()
            let error = await failure { try await put(backend, name("A", namespace: "write.taken")) }
            guard case .unsupported(let detail) = error else { throw try #require(error) }
            #expect(detail.contains("kestra/main/write.taken/A belongs to a secret with other tags"))
            #expect(try await backend.read(name("A", namespace: "elsewhere")) == Array("theirs".utf8))
        }

        @Test(
            "what AWS could not find again is refused before anything is sent",
            arguments: [
                (name("A#B", namespace: "write.odd"), [:]), (name("A", namespace: "write!odd"), [:]),
                (name("A", namespace: "write.odd"), ["aws:x": "y"]), (name("A", namespace: "write.odd"), ["key": "B"]),
                (name("A", namespace: "write.odd"), ["tenant": "B"]),
                (name("A", namespace: "write.odd"), ["a": "b\u{7}"]),
                (name(String(repeating: "/", count: 200), namespace: "write.odd"), [:]),
            ] as [(SecretName, [String: String])]
        )
        func odd(name: SecretName, tags: [String: String]) async throws {
            let backend = try scene.backend()
            let error = await failure { try await put(backend, name, tags: tags) }
            guard case .unsupported = error else { throw try #require(error) }
            #expect(try scene.operations().isEmpty)
        }

        @Test("an empty value is refused")
        func empty() async throws {
            let backend = try scene.backend()
            let error = await failure { try await backend.write(name("A", namespace: "write.empty"), []) }
            #expect(error == .unsupported(detail: "AWS Secrets Manager stores no empty values"))
        }

        @Test("two that write the same new secret at once end with one secret")
        func together() async throws {
            let backends = try (0..<4).map { _ in try scene.backend() }
            let secret = name("A", namespace: "write.together")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for backend in backends { group.addTask { try await put(backend, secret) } }
                try await group.waitForAll()
            }
            #expect(try await scene.backend().read(secret) == Array("made up".utf8))
        }
    }

    @Suite("AWS: secrets by their names")
    struct AWSNamedTests {
        private let scene: AWSScene

        init() throws { scene = try AWSScene() }

        private func backend(_ names: AWSNames, user: String = "") throws -> AWSSecretsBackend {
            try scene.backend(
                user: user,
                options: {
                    $0.layout = .named(names)
                    $0.isReadOnly = true
                }
            )
        }

        @Test("names that begin with the prefix are keys, with or without it, in every name space")
        func prefix() async throws {
            try scene.make("prod_DB", value: "db", tags: [:])
            try scene.make("prod_API/KEY", value: "api", tags: [:])
            try scene.make("production", value: "x", tags: [:])
            try scene.make("Prod_DB", value: "x", tags: [:])
            let stripped = try backend(AWSNames(prefix: "prod_"))
            let kept = try backend(AWSNames(prefix: "prod_", keepsPrefix: true))
            #expect(try await stripped.read(name("DB", namespace: "any.thing")) == Array("db".utf8))
            #expect(try await stripped.read(name("prod_DB")) == nil)
            #expect(try await kept.read(name("prod_DB", namespace: "other")) == Array("db".utf8))
            #expect(try await kept.read(name("DB")) == nil)
            #expect(try await kept.read(name("production")) == nil)
            let page = try await stripped.list(ListQuery(tenant: "main", namespace: "any", prefix: "A", limit: 10))
            #expect(page.entries.map(\.key) == ["API/KEY"] && page.entries.first?.namespace == "any")
            let all = try await kept.list(ListQuery(tenant: "main", namespace: "any", limit: 10))
            #expect(all.entries.map(\.key) == ["prod_API/KEY", "prod_DB"])
        }

        @Test("an address is no key, and leads to no secret beyond the prefix")
        func addresses() async throws {
            let address = try scene.make("hidden", tags: [:])
            let open = try backend(AWSNames(prefix: "", keepsPrefix: true))
            #expect(try await open.read(name("hidden")) != nil)
            #expect(try await open.read(name(address)) == nil)
            #expect(try await backend(AWSNames(prefix: "prod_")).read(name("hidden")) == nil)
        }

        @Test("demanded tags hide what does not have them")
        func demanded() async throws {
            try scene.make("seen_A", value: "a", tags: ["application": "kestra-production"])
            try scene.make("seen_B", tags: ["application": "kestra-production-2"])
            try scene.make("seen_C", tags: [:])
            let backend = try backend(
                AWSNames(prefix: "seen_", demanded: [AWSTag(key: "application", value: "kestra-production")])
            )
            #expect(try await backend.read(name("A")) == Array("a".utf8))
            #expect(try await backend.read(name("B")) == nil)
            #expect(try await backend.read(name("C")) == nil)
            #expect(try await backend.read(name("D")) == nil)
            let page = try await backend.list(ListQuery(tenant: "main", namespace: "any", limit: 10))
            #expect(page.entries.map(\.key) == ["A"])
        }

        @Test("who may only read values is connected all the same")
        func leastPrivilege() async throws {
            let keys = try scene.fake.command("user", ["name": "reader-by-name", "actions": ["GetSecretValue"]])
            try scene.make("least_A", value: "a", tags: [:])
            let fixed = FixedKeys(
                accessKey: try secret(try #require(keys["access-key-id"] as? String)),
                secretKey: try secret(try #require(keys["secret-access-key"] as? String)),
                sessionToken: nil
            )
            let backend = try scene.backend(options: {
                $0.layout = .named(AWSNames(prefix: "least_"))
                $0.isReadOnly = true
                $0.keys = fixed
            })
            try await backend.connect()
            #expect(scene.log.all.contains { $0.contains("ListSecrets is not allowed") })
            #expect(try await backend.read(name("A")) == Array("a".utf8))
        }

        @Test("demanded tags narrow down secrets that are found by their tags too")
        func demandedWithIdentity() async throws {
            try scene.make("demand/1", value: "a", tags: tags("named.demand", "A", more: ["application": "x"]))
            try scene.make("demand/2", tags: tags("named.demand", "B"))
            let identity = AWSIdentity(demanded: [AWSTag(key: "application", value: "x")])
            let backend = try scene.backend(options: { $0.layout = .tagged(identity) })
            #expect(try await backend.read(name("A", namespace: "named.demand")) == Array("a".utf8))
            #expect(try await backend.read(name("B", namespace: "named.demand")) == nil)
        }
    }
}
