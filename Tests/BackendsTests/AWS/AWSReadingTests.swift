import Foundation
import ManagerFakes
import Secrets
import Synchronization
import Testing

@testable import Backends

extension AWSSuites {
    @Suite("AWS: reading")
    struct AWSReadingTests {
        private let scene: AWSScene

        init() throws { scene = try AWSScene() }

        @Test("a secret is found by its tags, whatever its name is, and its text is not looked into")
        func tagsDecide() async throws {
            let json = #"{"user": "a", "password": "b"}"#
            try scene.make("anything/at.all", value: json, tags: tags("read.tags", "DB"))
            let backend = try scene.backend()
            #expect(try await backend.read(name("DB", namespace: "read.tags")) == Array(json.utf8))
            #expect(try await backend.read(name("DB", namespace: "read")) == nil)
            #expect(try await backend.read(name("anything/at.all", namespace: "read.tags")) == nil)
        }

        @Test("what only begins like the tags that are asked for is somebody else's")
        func prefixesDoNotMatch() async throws {
            // All of these are what AWS's filters let through.
            try scene.make("near/1", tags: tags("read.near.sub", "NEAR"))
            try scene.make("near/2", tags: tags("read.nearby", "NEAR"))
            try scene.make("near/3", tags: tags("read.near", "NEARBY"))
            try scene.make("near/4", tags: tags("other", "OTHER", more: ["note": "NEAR", "namespaces": "read.near"]))
            try scene.make("near/5", tags: tags("READ.NEAR", "NEAR"))
            let backend = try scene.backend()
            #expect(try await backend.read(name("NEAR", namespace: "read.near")) == nil)
            let page = try await backend.list(ListQuery(tenant: "main", namespace: "read.near", limit: 10))
            #expect(page.entries.map(\.key) == ["NEARBY"])
        }

        @Test("the tag prefix must be the configured one; where none is configured, kestra or none at all")
        func prefixes() async throws {
            try scene.make("prefix/1", value: "kestra", tags: tags("read.prefix", "A"))
            try scene.make("prefix/2", value: "none", tags: tags("read.prefix", "B", prefix: nil))
            try scene.make("prefix/3", value: "team", tags: tags("read.prefix", "C", prefix: "team"))
            let usual = try scene.backend()
            let team = try scene.backend(options: { $0.layout = .tagged(AWSIdentity(prefix: "team")) })
            func found(_ backend: AWSSecretsBackend) async throws -> [String] {
                try await backend.list(ListQuery(tenant: "", namespace: "read.prefix", limit: 10)).entries.map(\.key)
            }
            #expect(try await found(usual) == ["A", "B"])
            #expect(try await found(team) == ["C"])
            #expect(try await usual.read(name("C", namespace: "read.prefix")) == nil)
            #expect(try await team.read(name("C", namespace: "read.prefix")) == Array("team".utf8))
        }

        @Test("a tag tenant keeps a secret to that tenant, and stands before everybody's")
        func tenants() async throws {
            try scene.make("tenant/shared", value: "shared", tags: tags("read.tenant", "A"))
            try scene.make("tenant/own", value: "own", tags: tags("read.tenant", "A", more: ["tenant": "one"]))
            try scene.make("tenant/other", value: "x", tags: tags("read.tenant", "B", more: ["tenant": "one"]))
            let backend = try scene.backend()
            func read(_ key: String, _ tenant: String) async throws -> [UInt8]? {
                try await backend.read(name(key, namespace: "read.tenant", tenant: tenant))
            }
            #expect(try await read("A", "one") == Array("own".utf8))
            #expect(try await read("A", "two") == Array("shared".utf8))
            #expect(try await read("B", "two") == nil)
            #expect(try await read("B", "") == nil)
            let page = try await backend.list(ListQuery(tenant: "one", namespace: "read.tenant", limit: 10))
            #expect(page.entries.map(\.key) == ["A", "B"])
            let strict = try scene.backend(options: { $0.layout = .tagged(AWSIdentity(requiresTenant: true)) })
            #expect(try await strict.read(name("A", namespace: "read.tenant", tenant: "two")) == nil)
            #expect(try await strict.read(name("A", namespace: "read.tenant", tenant: "one")) == Array("own".utf8))
        }

        @Test("two secrets with the same tags are an error that names both")
        func ambiguous() async throws {
            let first = try scene.make("ambiguous/1", tags: tags("read.ambiguous", "A"))
            let second = try scene.make("ambiguous/2", tags: tags("read.ambiguous", "A"))
            let backend = try scene.backend()
            let error = await failure { _ = try await backend.read(name("A", namespace: "read.ambiguous")) }
            guard case .unsupported(let detail) = error else { throw try #require(error) }
            #expect(detail.contains("read.ambiguous/A is 2 secrets with the same tags") && detail.contains(first))
            #expect(detail.contains(second))
            try scene.call("DeleteSecret", ["SecretId": second, "ForceDeleteWithoutRecovery": true])
            #expect(try await backend.read(name("A", namespace: "read.ambiguous")) != nil)
        }

        @Test("bytes come as they are, and a secret without a value is none")
        func binary() async throws {
            let address = try scene.make("binary", tags: tags("read.binary", "A"))
            try scene.call(
                "PutSecretValue",
                ["SecretId": address, "SecretBinary": Data([0, 255, 10]).base64EncodedString()]
            )
            try scene.call(
                "CreateSecret",
                ["Name": "valueless", "Tags": tags("read.binary", "B").map { ["Key": $0.key, "Value": $0.value] }]
            )
            let backend = try scene.backend()
            #expect(try await backend.read(name("A", namespace: "read.binary")) == [0, 255, 10])
            #expect(try await backend.read(name("B", namespace: "read.binary")) == nil)
        }

        @Test("an older version is read by its number")
        func versions() async throws {
            let backend = try scene.backend()
            let secret = name("A", namespace: "read.versions")
            let first = try await backend.write(secret, Array("1".utf8))
            let second = try await backend.write(secret, Array("2".utf8))
            #expect(try await version(backend, secret, first) == first)
            #expect(try await version(backend, secret, nil) == second)
            #expect(try await version(backend, secret, "00000000-0000-4000-8000-000000000000") == nil)
        }

        private func version(
            _ backend: AWSSecretsBackend,
            _ name: SecretName,
            _ wanted: String?
        ) async throws -> String? {
            guard let found = try await backend.get(name, version: wanted) else { return nil }
            return found.version
        }

        @Test("a place is remembered, and searched for again when the secret has gone from there")
        func remembered() async throws {
            let address = try scene.make("moved/1", value: "old", tags: tags("read.moved", "A"))
            let backend = try scene.backend()
            let secret = name("A", namespace: "read.moved")
            for _ in 0..<3 { #expect(try await backend.read(secret) == Array("old".utf8)) }
            #expect(try scene.operations() == ["ListSecrets", "GetSecretValue", "GetSecretValue", "GetSecretValue"])
            try scene.call("DeleteSecret", ["SecretId": address, "ForceDeleteWithoutRecovery": true])
            try scene.make("moved/2", value: "new", tags: tags("read.moved", "A"))
            #expect(try await backend.read(secret) == Array("new".utf8))
            #expect(try scene.operations() == ["GetSecretValue", "ListSecrets", "GetSecretValue"])
        }

        @Test("one search serves a whole climb through name spaces")
        func climb() async throws {
            try scene.make("climb", tags: tags("read", "CLIMB"))
            let backend = try scene.backend()
            #expect(try await backend.read(name("CLIMB", namespace: "read.climb.up")) == nil)
            #expect(try await backend.read(name("CLIMB", namespace: "read.climb")) == nil)
            #expect(try await backend.read(name("CLIMB", namespace: "read")) != nil)
            #expect(try scene.operations() == ["ListSecrets", "GetSecretValue"])
        }

        @Test("that a name is nowhere is believed for a moment only")
        func absence() async throws {
            let now = Mutex(BootInstant.now)
            let time = TimeSource(
                now: { now.withLock { $0 } },
                wall: TimeSource.system.wall,
                sleep: TimeSource.system.sleep
            )
            let backend = try scene.backend(time: time)
            let secret = name("LATER", namespace: "read.absence")
            #expect(try await backend.read(secret) == nil)
            try scene.make("later", value: "made", tags: tags("read.absence", "LATER"))
            #expect(try await backend.read(secret) == nil)
            now.withLock { $0 = $0.advanced(by: .seconds(1)) }
            #expect(try await backend.read(secret) == Array("made".utf8))
        }

        // MARK: Together

        private func readTogether(_ backend: AWSSecretsBackend, _ keys: [String]) async throws -> [String: [UInt8]] {
            try await withThrowingTaskGroup(of: (String, [UInt8]?).self) { group in
                for key in keys {
                    group.addTask { (key, try await backend.read(name(key, namespace: "read.together"))) }
                }
                var found: [String: [UInt8]] = [:]
                for try await (key, value) in group { found[key] = value }
                return found
            }
        }

        private func makeTogether() throws -> [String] {
            let keys = (0..<30).map { "KEY_\($0)" }
            for key in keys {
                // Another test may have made them.
                _ = try? scene.make("together/\(key)", value: "value of \(key)", tags: tags("read.together", key))
            }
            try scene.fake.clearRequests()
            return keys
        }

        @Test("reads that come together are few calls, and each gets its own value")
        func batch() async throws {
            let keys = try makeTogether()
            let backend = try scene.backend()
            let found = try await readTogether(backend, keys + ["MISSING"])
            for key in keys { #expect(found[key] == Array("value of \(key)".utf8)) }
            #expect(found["MISSING"] == nil && found.count == keys.count)
            let operations = try scene.operations()
            #expect(operations.contains("BatchGetSecretValue"))
            #expect(operations.count <= 16, "\(operations)")
        }

        @Test("who may not read several at once reads them one by one, and is told so once")
        func batchForbidden() async throws {
            let keys = try makeTogether()
            let backend = try scene.backend(user: "restricted-")
            for _ in 0..<2 {
                let found = try await readTogether(backend, keys)
                for key in keys { #expect(found[key] == Array("value of \(key)".utf8)) }
            }
            let notices = scene.log.all.filter {
                $0.contains("BatchGetSecretValue is not allowed (AccessDeniedException)")
            }
            #expect(notices.count == 1)
            try scene.fake.clearRequests()
            _ = try await readTogether(backend, keys)
            #expect(Set(try scene.operations()) == ["GetSecretValue"])
        }

        @Test("what several reads cannot bring is read by itself")
        func batchPartly() async throws {
            let keys = try makeTogether()
            try scene.make("together/gone", tags: tags("read.together", "GONE"))
            let backend = try scene.backend()
            _ = try await readTogether(backend, keys + ["GONE"])
            try scene.call("DeleteSecret", ["SecretId": "together/gone", "RecoveryWindowInDays": 7])
            let found = try await readTogether(backend, keys + ["GONE"])
            #expect(found["GONE"] == nil && found.count == keys.count)
            try scene.call("DeleteSecret", ["SecretId": "together/gone", "ForceDeleteWithoutRecovery": true])
        }
    }
}
