#if MEMORY_PROBE
    import ManagerFakes
    import SecretMemory
    import Secrets
    import Testing

    @testable import Backends

    extension AWSSuites {
        @Suite("AWS: memory")
        struct AWSMemoryTests {
            private let scene: AWSScene

            init() throws { scene = try AWSScene() }

            /// Searches until nothing is left, for a second: the transport's thread cleans up behind an answer.
            private func isGone(_ masked: [UInt8]) async throws -> Bool {
                for _ in 0..<100 {
                    if ArenaProbe.count(masked: masked).fragments == 0 { return true }
                    try await Task.sleep(for: .milliseconds(10))
                }
                return false
            }

            @Test("nothing of a value is left once it was written, read and dropped", arguments: [false, true])
            func values(isText: Bool) async throws {
                let bytes = (0..<24).map { _ in UInt8.random(in: 0x21...0x7e) } + (isText ? [] : [0xff])
                // Quotes are written with an escape, so they would cut the needle.
                let plain = bytes.map { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") ? UInt8(ascii: "x") : $0 }
                let masked = plain.map { $0 ^ 0x5a }
                let backend = try scene.backend()
                let secret = name("A", namespace: "memory")
                do {
                    let value = try SecretBytes(capacity: masked.count) { output in
                        for byte in masked { output.append(byte ^ 0x5a) }
                    }
                    _ = try await backend.put(SecretWrite(name: secret), value: value)
                    #expect(ArenaProbe.count(masked: masked).full >= 1)
                }
                do {
                    guard let fetched = try await backend.get(secret, version: nil) else {
                        Issue.record("the value is gone")
                        return
                    }
                    #expect(fetched.value.count == masked.count)
                    #expect(ArenaProbe.count(masked: masked).full >= 1)
                }
                #expect(try await isGone(masked))
                await backend.close()
            }

            @Test("nothing of a secret key is left once its backend is gone")
            func keys() async throws {
                let masked = try #require(scene.fake.details["secret-access-key"]).utf8.map { $0 ^ 0x5a }
                do {
                    let backend = try scene.backend()
                    try await backend.connect()
                    #expect(ArenaProbe.count(masked: masked).full >= 1)
                    await backend.close()
                }
                #expect(try await isGone(masked))
            }
        }
    }
#endif
