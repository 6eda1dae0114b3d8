import Configuration
import Foundation
import HTTP
import ManagerFakes
import SecretMemory
import Secrets
import Synchronization
import Testing

@testable import Backends

extension AWSSuites {
    @Suite("AWS: keys and regions")
    struct AWSCredentialTests {
        private let scene: AWSScene
        private let directory: TemporaryDirectory

        init() throws {
            scene = try AWSScene()
            directory = try TemporaryDirectory()
            try scene.fake.command("metadata", ["role_arn": try #require(scene.fake.details["role-arn"])])
        }

        private func detail(_ name: String) throws -> String { try #require(scene.fake.details[name]) }

        private func file(_ name: String, _ text: String) throws -> String {
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory.file(name)))
            return directory.file(name)
        }

        /// Connects with what is found in the environment; nothing of this machine's own gets in.
        private func connected(_ variables: [String: String], region: String? = "eu-west-1") async throws
            -> AWSSecretsBackend
        {
            var values = [
                "AWS_EC2_METADATA_DISABLED": "true", "HOME": directory.path, "AWS_ENDPOINT_URL_STS": scene.fake.address,
            ]
            values.merge(variables) { $1 }
            let environment = FixedEnvironment(try values.mapValues { try secret($0) })
            let backend = try scene.backend(user: nil, environment: environment, options: { $0.region = region })
            try await backend.connect()
            return backend
        }

        private func refusal(_ variables: [String: String], region: String? = "eu-west-1") async -> String {
            switch await failure({ _ = try await connected(variables, region: region) }) {
            case .denied(let detail), .unsupported(let detail), .unavailable(let detail, _), .forbidden(let detail):
                detail
            case .some(let error): "\(error)"
            case nil: ""
            }
        }

        private func keys() throws -> [String: String] {
            [
                "AWS_ACCESS_KEY_ID": try detail("access-key-id"),
                "AWS_SECRET_ACCESS_KEY": try detail("secret-access-key"),
            ]
        }

        private func profile(_ name: String, _ user: String = "") throws -> String {
            """
            [\(name)]
            aws_access_key_id = \(try detail(user + "access-key-id"))
            aws_secret_access_key=\(try detail(user + "secret-access-key"))

            """
        }

        // MARK: Places

        @Test("the environment comes first")
        func environment() async throws {
            try await connected(
                keys().merging([
                    "AWS_SHARED_CREDENTIALS_FILE": file("credentials", try profile("default", "restricted-"))
                ]) { $1 }
            ).close()
            #expect(try scene.credentials() == ["agent"])
            #expect(scene.log.all.last?.hasSuffix("as region eu-west-1, with keys from the environment") == true)
        }

        @Test("one half of a pair of keys is an error that names the other")
        func halves() async throws {
            let half = ["AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": ""]
            #expect(await refusal(half) == "the variable AWS_SECRET_ACCESS_KEY is missing beside its other half")
        }

        @Test("the shared files come next, with the profile that is named")
        func profiles() async throws {
            let credentials = try file("credentials", profile("default", "restricted-") + profile("other"))
            _ = try await connected(["AWS_SHARED_CREDENTIALS_FILE": credentials])
            _ = try await connected(["AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_PROFILE": "other"])
            #expect(try scene.credentials() == ["restricted", "agent"])
            let missing = await refusal(["AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_PROFILE": "third"])
            #expect(missing == "no shared file has the profile third that the environment names")
        }

        @Test("the files are found in the home directory, and the profile says the region")
        func home() async throws {
            let folder = directory.file(".aws")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            _ = try file(".aws/config", "[default]\nregion = eu-central-1\n" + profile("profile there"))
            let backend = try await connected(["AWS_PROFILE": "there", "AWS_REGION": "eu-west-1"], region: nil)
            #expect(backend.capabilities.contains(.write))
            #expect(try scene.credentials() == ["agent"])
            // The region of the signature is the one that is found, and keys of the fake are good in each.
            _ = try await connected(keys(), region: nil)
            #expect(scene.log.all.last?.contains("as region eu-central-1") == true)
        }

        @Test("new keys in the file are found when the old ones are refused")
        func rewritten() async throws {
            let path = try file("credentials", "[default]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\n")
            let variables = ["AWS_SHARED_CREDENTIALS_FILE": path]
            #expect(await refusal(variables).contains("UnrecognizedClientException"))
            let environment = FixedEnvironment(
                try variables.merging(["HOME": "/nonexistent"]) { $1 }.mapValues { try secret($0) }
            )
            let backend = try scene.backend(user: nil, environment: environment)
            guard case .denied = await failure({ try await backend.connect() }) else {
                Issue.record("the old keys were accepted")
                return
            }
            _ = try file("credentials", profile("default"))
            try await backend.connect()
        }

        @Test("a role is taken with the keys of the profile that it names")
        func assumedRole() async throws {
            let config = try file(
                "config",
                """
                [profile role]
                role_arn = \(detail("role-arn"))
                source_profile = base
                role_session_name = tests
                duration_seconds = 900
                [profile self]
                role_arn = \(detail("role-arn"))
                source_profile = self
                aws_access_key_id = \(detail("access-key-id"))
                aws_secret_access_key = \(detail("secret-access-key"))

                """
            )
            let files = [
                "AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": try file("credentials", profile("base")),
            ]
            _ = try await connected(files.merging(["AWS_PROFILE": "role"]) { $1 })
            _ = try await connected(files.merging(["AWS_PROFILE": "self"]) { $1 })
            #expect(try scene.credentials() == ["agent-role", "agent-role"])
        }

        @Test("a role is taken with the keys of the place that the profile names")
        func credentialSource() async throws {
            let chained = try scene.fake.command("role", ["name": "chained", "actions": ["*", "sts:AssumeRole"]])
            try scene.fake.command("metadata", ["role_arn": try #require(chained["role-arn"] as? String)])
            for (source, variables) in [
                (
                    "EcsContainer",
                    [
                        "AWS_CONTAINER_CREDENTIALS_FULL_URI": try detail("container-address"),
                        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": try detail("container-authorization-file"),
                    ]
                ),
                (
                    "Ec2InstanceMetadata",
                    [
                        "AWS_EC2_METADATA_DISABLED": "false",
                        "AWS_EC2_METADATA_SERVICE_ENDPOINT": try detail("metadata-address"),
                    ]
                ),
            ] {
                let lines = "role_arn = \(try detail("role-arn"))\ncredential_source = \(source)\n"
                let files = ["AWS_CONFIG_FILE": try file("config", "[default]\n" + lines)]
                _ = try await connected(variables.merging(files) { $1 })
                #expect(scene.log.all.last?.hasSuffix("with keys from the role \(try detail("role-arn"))") == true)
            }
            #expect(try scene.credentials() == ["agent-role", "agent-role"])
        }

        @Test("a clock that STS finds wrong is put right before the first call")
        func skew() async throws {
            let config = try file("config", "[profile role]\nrole_arn = \(detail("role-arn"))\nsource_profile = base\n")
            let credentials = try file("credentials", profile("base"))
            try scene.fake.fault("skew", times: 0, ["seconds": 1200])
            _ = try await connected([
                "AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_PROFILE": "role",
            ])
            // STS refused once; what came after was right at once.
            let refused = try scene.fake.requests().filter { ($0.status ?? 0) >= 400 }
            #expect(refused.count == 1 && refused.first?.headers["x-amz-target"] == nil)
        }

        @Test(
            "a profile that cannot be used says why",
            arguments: [
                ("role_arn = r\nsource_profile = a\nmfa_serial = m", "second factor (mfa_serial)"),
                ("role_arn = r", "needs exactly one of source_profile"),
                (
                    "role_arn = r\nsource_profile = b\ncredential_source = Environment",
                    "needs exactly one of source_profile"
                ),
                ("role_arn = r\nsource_profile = nowhere", "the source_profile nowhere"),
                (
                    "role_arn = r\nsource_profile = a2\n[profile a2]\nrole_arn = s\nsource_profile = a",
                    "leads in a circle"
                ),
                (
                    "role_arn = r\ncredential_source = Elsewhere",
                    "must be Environment, EcsContainer or Ec2InstanceMetadata"
                ),
                ("credential_process = /bin/keys", "by credential_process"), ("sso_session = x", "by sso_session"),
                ("aws_access_key_id = x", "only one half of its keys"),
                ("region = eu-west-1", "neither keys nor a role"),
                ("rubbish", "line 2 is neither [section] nor key = value"),
            ]
        )
        func uselessProfile(lines: String, words: String) async throws {
            let config = try file("config", "[profile a]\n\(lines)\n")
            let text = await refusal(["AWS_CONFIG_FILE": config, "AWS_PROFILE": "a"])
            #expect(text.contains(words), "\(text)")
        }

        @Test("a web identity is exchanged at STS, and its file is read anew each time")
        func webIdentity() async throws {
            let token = try file("token", "not accepted")
            let variables = ["AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": try detail("role-arn")]
            let text = await refusal(variables)
            #expect(
                text.contains("with a web identity was answered with InvalidIdentityToken")
                    && !text.contains("not accepted")
            )
            let good = try String(contentsOfFile: detail("web-identity-token-file"), encoding: .utf8)
            _ = try file("token", good)
            _ = try await connected(variables)
            #expect(try scene.credentials() == ["agent-role"])
            #expect(await refusal(["AWS_WEB_IDENTITY_TOKEN_FILE": token]).contains("AWS_ROLE_ARN is missing"))
        }

        @Test("a container's keys are given for the token in its file")
        func container() async throws {
            let variables = [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": try detail("container-address"),
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": try detail("container-authorization-file"),
            ]
            _ = try await connected(variables)
            #expect(try scene.credentials() == ["container"])
            let wrong = variables.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": try file("token", "wrong")]) { $1 }
            #expect(await refusal(wrong) == "the container's service gave no keys (status 401)")
            let stranger = variables.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/keys"]) { $1 }
            #expect(
                await refusal(stranger).contains("AWS_CONTAINER_CREDENTIALS_FULL_URI cannot be used: without TLS only")
            )
        }

        @Test("an instance's keys and its region come from its metadata, in a session")
        func instance() async throws {
            let variables = [
                "AWS_EC2_METADATA_DISABLED": "false",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": try detail("metadata-address"),
            ]
            _ = try await connected(variables, region: nil)
            #expect(try scene.credentials() == ["instance"])
            #expect(
                scene.log.all.last?.contains("as region eu-west-1, with keys from the instance's role agent-role")
                    == true
            )
            try scene.fake.command("metadata")
            #expect(await refusal(variables).contains("the instance has no role"))
        }

        @Test("no keys and no region anywhere are errors that say what to do")
        func nothing() async throws {
            #expect(await refusal([:]) == "there are no keys in the configuration, the environment or the shared files")
            #expect(await refusal([:], region: nil).contains("set aws-secret-manager.region, or AWS_REGION"))
            #expect(
                await refusal(["AWS_REGION": "evil.example/"], region: nil).contains(
                    "the region from AWS_REGION is none"
                )
            )
        }

        // MARK: Ends

        @Test("keys that ended are replaced once, and the call is answered")
        func expired() async throws {
            let backend = try await connected([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": try detail("container-address"),
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": try detail("container-authorization-file"),
            ])
            try scene.make("expired", value: "x", tags: tags("credentials", "EXPIRED"))
            try scene.fake.command("expire", ["label": "container"])
            try scene.fake.clearRequests()
            #expect(try await backend.read(name("EXPIRED", namespace: "credentials")) == Array("x".utf8))
            #expect(try scene.fake.requests().count(where: { $0.path.contains("credentials") }) == 1)
            try scene.fake.fault("expired-token", times: 0)
            let error = await failure { _ = try await backend.read(name("EXPIRED", namespace: "credentials")) }
            guard case .denied(let detail) = error else { throw try #require(error) }
            #expect(detail.contains("ExpiredTokenException") && detail.hasSuffix("the session has ended"))
        }

        @Test("keys of the configuration that are refused are not tried again")
        func refused() async throws {
            let wrong = FixedKeys(
                accessKey: try secret(detail("access-key-id")),
                secretKey: try secret("wrong"),
                sessionToken: nil
            )
            let backend = try scene.backend(options: { $0.keys = wrong })
            guard case .denied(let detail) = await failure({ try await backend.connect() }) else {
                Issue.record("the wrong key was accepted")
                return
            }
            #expect(
                detail.contains("InvalidSignatureException")
                    && detail.contains("the secret key is not the access key's")
            )
            #expect(try scene.operations().count == 1)
        }

        @Test("good keys that may not list are told what is missing")
        func forbidden() async throws {
            let keys = try scene.fake.command("user", ["name": "powerless", "actions": ["GetRandomPassword"]])
            let fixed = FixedKeys(
                accessKey: try secret(try #require(keys["access-key-id"] as? String)),
                secretKey: try secret(try #require(keys["secret-access-key"] as? String)),
                sessionToken: nil
            )
            let backend = try scene.backend(options: { $0.keys = fixed })
            guard case .forbidden(let detail) = await failure({ try await backend.connect() }) else {
                Issue.record("it was allowed")
                return
            }
            #expect(detail.contains("the policy of the agent's credentials does not allow it"))
        }

        @Test("nothing secret is in what is logged and thrown")
        func silence() async throws {
            let sensitive = try detail("secret-access-key")
            _ = try await connected(keys())
            let texts = scene.log.all + [await refusal(try keys().merging(["AWS_ACCESS_KEY_ID": "AKIAWRONG"]) { $1 })]
            #expect(texts.allSatisfy { !$0.contains(sensitive) } && texts.count >= 2)
        }
    }
}
