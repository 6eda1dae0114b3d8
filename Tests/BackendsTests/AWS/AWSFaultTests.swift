import Foundation
import HTTP
import ManagerFakes
import Secrets
import Testing

@testable import Backends

extension AWSSuites {
    @Suite("AWS: what goes wrong")
    struct AWSFaultTests {
        private let scene: AWSScene
        private let known = name("A", namespace: "faults")

        init() throws {
            scene = try AWSScene()
            _ = try? scene.make("faults", tags: tags("faults", "A"))
        }

        /// A backend that knows where its secret is, so that a read is one request.
        private func ready(web change: (inout HTTPClientSettings) -> Void = { _ in }) async throws -> AWSSecretsBackend
        {
            let backend = try scene.backend(web: change)
            #expect(try await backend.read(known) == Array("made up".utf8))
            try scene.fake.clearRequests()
            return backend
        }

        private func read(_ backend: AWSSecretsBackend) async -> BackendError? {
            await failure { _ = try await backend.read(known) }
        }

        @Test("who is asked for fewer requests is told how long to wait, where AWS says it")
        func throttled() async throws {
            let backend = try await ready()
            try scene.fake.fault("throttle")
            #expect(await read(backend) == .throttled(retryAfter: nil))
            try scene.fake.fault("throttle", ["retry_after": 0.25])
            #expect(await read(backend) == .throttled(retryAfter: .milliseconds(250)))
            try scene.fake.fault("answer", ["status": 429, "headers": ["Retry-After": "7"], "body": ""])
            #expect(await read(backend) == .throttled(retryAfter: .seconds(7)))
            // Each was asked for once: what is repeated is decided elsewhere.
            #expect(try scene.operations().count == 3)
            #expect(await read(backend) == nil)
        }

        @Test("a service that fails is unavailable", arguments: [500, 502, 503, 504], [false, true])
        func failing(status: Int, isHTML: Bool) async throws {
            let backend = try await ready()
            try scene.fake.fault("error", ["status": status, "html": isHTML])
            guard case .unavailable(let detail, nil) = await read(backend) else { throw Wrong() }
            #expect(detail.contains("reading arn:aws:secretsmanager:") && !detail.contains("<html>"))
        }

        @Test("a connection that breaks is unavailable", arguments: ["drop", "cut"])
        func broken(kind: String) async throws {
            let backend = try await ready()
            // A connection that was kept open may be tried anew by itself.
            try scene.fake.fault(kind, times: 0)
            guard case .unavailable = await read(backend) else { throw Wrong() }
            try scene.fake.clearFaults()
            #expect(await read(backend) == nil)
        }

        @Test("a service that does not answer in time is unavailable", arguments: ["hang", "slow"])
        func slow(kind: String) async throws {
            let backend = try await ready { $0.totalTimeout = .milliseconds(300) }
            try scene.fake.fault(kind, ["seconds": 2])
            let start = ContinuousClock.now
            guard case .unavailable = await read(backend) else { throw Wrong() }
            #expect(start.duration(to: .now) < .seconds(1.5))
        }

        @Test("a caller who gives up does not wait for the answer")
        func cancelled() async throws {
            let backend = try await ready()
            try scene.fake.fault("hang")
            let task = Task { await read(backend) }
            try await Task.sleep(for: .milliseconds(100))
            let start = ContinuousClock.now
            task.cancel()
            guard case .unavailable = await task.value else { throw Wrong() }
            #expect(start.duration(to: .now) < .seconds(1))
        }

        @Test(
            "an answer that is none is malformed, and nothing of it is in the error",
            arguments: [
                #"{"SecretString": "do not show"#, #"["do not show"]"#, #"{"SecretString": "do not show"}"#,
                #"{"ARN": "a", "Name": "b", "VersionId": "c", "SecretBinary": "do not show!"}"#,
                #"{"ARN": "a", "Name": "b", "VersionId": "c"}"#, "<html>do not show</html>",
            ]
        )
        func malformed(body: String) async throws {
            let backend = try await ready()
            try scene.fake.fault("answer", ["status": 200, "body": body])
            guard case .malformed(let detail) = await read(backend) else { throw Wrong() }
            #expect(!detail.contains("do not show"))
        }

        @Test("an answer about another secret is no answer")
        func another() async throws {
            let backend = try await ready()
            let body = #"{"ARN": "arn:other", "Name": "other", "VersionId": "c", "SecretString": "theirs"}"#
            try scene.fake.fault("answer", ["status": 200, "body": body])
            guard case .malformed(let detail) = await read(backend) else { throw Wrong() }
            #expect(detail.hasSuffix("with another secret"))
        }

        @Test("an answer that is too long is malformed, and is not kept")
        func huge() async throws {
            let backend = try await ready { $0.maximumResponseBytes = 256 << 10 }
            try scene.fake.fault("huge", ["bytes": 8 << 20])
            guard case .malformed(let detail) = await read(backend) else { throw Wrong() }
            #expect(detail.contains("maximum-response"))
            #expect(await read(backend) == nil)
        }

        @Test("what the answer is called does not matter, as long as it is one")
        func contentType() async throws {
            let backend = try await ready()
            try scene.fake.fault("content-type")
            #expect(try await backend.read(known) == Array("made up".utf8))
        }

        @Test("a redirect is not followed")
        func redirect() async throws {
            let backend = try await ready()
            try scene.fake.fault("redirect", ["location": scene.fake.address + "/elsewhere"])
            guard case .malformed(let detail) = await read(backend) else { throw Wrong() }
            #expect(detail.contains("redirect"))
            #expect(try scene.fake.requests().allSatisfy { $0.path == "/" })
        }

        @Test("an error's text stays out of ours", arguments: ["Message", "message"])
        func texts(member: String) async throws {
            let backend = try await ready()
            let body =
                #"{"__type": "com.amazonaws.secretsmanager#ValidationException:http://x/", "\#(member)": "do not show"}"#
            try scene.fake.fault("answer", ["status": 400, "headers": ["x-amzn-RequestId": "r-1"], "body": body])
            guard case .unsupported(let detail) = await read(backend) else { throw Wrong() }
            #expect(detail.hasSuffix("was answered with ValidationException (request r-1)"))
        }

        @Test("a clock that is wrong is put right by the service's, once and for all", arguments: [600.0, -900.0])
        func skew(seconds: Double) async throws {
            let backend = try await ready()
            try scene.fake.fault("skew", times: 0, ["seconds": seconds])
            #expect(await read(backend) == nil)
            #expect(await read(backend) == nil)
            let asked = try scene.operations()
            #expect(asked.count == 3, "the first was refused for its time: \(asked)")
            let side = seconds > 0 ? "behind" : "ahead of"
            #expect(scene.log.all.count(where: { $0.contains("s \(side) the service's") }) == 1)
        }

        @Test("a clock that is a day away is not believed")
        func wildSkew() async throws {
            let backend = try await ready()
            try scene.fake.fault("skew", times: 0, ["seconds": 100_000])
            guard case .denied(let detail) = await read(backend) else { throw Wrong() }
            #expect(detail.contains("check the machine's clock"))
            #expect(try scene.operations().count == 1)
        }

        @Test("a page that is empty is not the last one, and one that got lost begins the search again")
        func pages() async throws {
            let backend = try scene.backend()
            try scene.fake.fault("answer", ["status": 200, "body": #"{"SecretList": [], "NextToken": "1"}"#])
            let lost = #"{"__type": "InvalidNextTokenException"}"#
            try scene.fake.fault("answer", ["status": 400, "body": lost])
            #expect(try await backend.read(known) == Array("made up".utf8))
            #expect(try scene.operations() == ["ListSecrets", "ListSecrets", "ListSecrets", "GetSecretValue"])
        }

        @Test("a search without an end ends")
        func endless() async throws {
            let backend = try scene.backend()
            try scene.fake.fault("answer", times: 0, ["status": 200, "body": #"{"SecretList": [], "NextToken": "1"}"#])
            guard case .unsupported(let detail) = await read(backend) else { throw Wrong() }
            #expect(detail.contains("more than 20000 secrets"))
        }

        @Test("while all kinds of things go wrong, every read ends, with its own value or an error that may pass")
        func chance() async throws {
            let keys = (0..<20).map { "KEY_\($0)" }
            for key in keys { try scene.make("chance/\(key)", value: "value of \(key)", tags: tags("chance", key)) }
            let backend = try scene.backend()
            for kind in ["throttle", "error", "cut", "drop"] { try scene.fake.fault(kind, times: 0, ["rate": 0.1]) }
            let outcomes = await withTaskGroup(of: Bool?.self) { group in
                for turn in 0..<200 {
                    let key = keys[turn % keys.count]
                    group.addTask {
                        do throws(BackendError) {
                            return try await backend.read(name(key, namespace: "chance"))
                                == Array("value of \(key)".utf8)
                        } catch {
                            return error.mayPass ? nil : false
                        }
                    }
                }
                var outcomes: [Bool?] = []
                for await outcome in group { outcomes.append(outcome) }
                return outcomes
            }
            #expect(outcomes.count == 200 && !outcomes.contains(false))
            try scene.fake.clearFaults()
            for key in keys {
                #expect(try await backend.read(name(key, namespace: "chance")) == Array("value of \(key)".utf8))
            }
        }

        private struct Wrong: Error {}
    }
}
