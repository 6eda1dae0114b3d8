import Glibc
import OpenSSLHooks
import SecretMemory
import Testing

@testable import TLS

@Suite("Where TLS keeps its memory")
struct MemoryTests {
    @Test func `what OpenSSL allocates is on the arena's account, and comes back`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            guard OpenSSLMemory.install(), OpenSSLMemory.install() else { exit(2) }
            let domain = try TrustDomain()
            var options = ServerContext.Options()
            options.sessionCacheSize = 0
            let server = try ServerContext(files: domain.issue(TrustDomain.agent()), options: options)
            let client = try ClientContext(files: domain.issue(TrustDomain.worker()))
            var before = 0
            for round in 0..<2 {
                var pairs: [Box] = []
                for _ in 0..<8 {
                    let box = Box(try Pair(server, client))
                    guard box.pair.handshake() == (.done, .done) else { exit(4) }
                    pairs.append(box)
                }
                let during = Arena.usage.bytes[.tls] ?? 0
                guard during > before + 8 * 2 * 20_000 else { exit(5) }
                pairs = []
                let after = Arena.usage.bytes[.tls] ?? 0
                if round == 1 { exit(after < before + 64 << 10 ? 0 : 6) }
                before = after
            }
        }
    }

    #if DEBUG
        @Test func `the text of a private key is wiped once the key has been read`() throws {
            let domain = try TrustDomain()
            let files = try domain.issue(TrustDomain.agent())
            // A line of the key's Base64, masked so that the search does not find this copy.
            let needle = try domain.text(of: files.privateKey).split(separator: "\n")[1].utf8.map { $0 ^ 0x5a }
            let server = try ServerContext(files: files)
            #expect(ArenaProbe.count(masked: needle).full == 0)
            let held = try ProtectedFile.read(files.privateKey, operation: "reading")
            #expect(ArenaProbe.count(masked: needle).full == 1, "the search would find it")
            #expect(held.bytes.count > 0)
            #expect(server.warnings.isEmpty)
        }
    #endif

    @Test func `an OpenSSL that has allocated already is reported`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            _ = try? OwnedSerial()
            exit(OpenSSLMemory.install() ? 1 : 0)
        }
    }

    @Test func `a full arena refuses connections and does not crash`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try Arena.start(.init(initialBytes: 1 << 20, maximumBytes: 3 << 20))
            guard OpenSSLMemory.install() else { exit(2) }
            let domain = try TrustDomain()
            let server = try ServerContext(files: domain.issue(TrustDomain.agent()))
            let client = try ClientContext(files: domain.issue(TrustDomain.worker()))
            var pairs: [Box] = []
            var refused = false
            while pairs.count < 200, !refused {
                guard let pair = try? Pair(server, client) else {
                    refused = true
                    break
                }
                let box = Box(pair)
                refused = box.pair.handshake() != (.done, .done)
                pairs.append(box)
            }
            let held = pairs.count
            pairs = []
            guard refused, held > 3 else { exit(3) }
            let again = Box(try Pair(server, client))
            exit(again.pair.handshake() == (.done, .done) ? 0 : 4)
        }
    }
}

private final class Box {
    var pair: Pair
    init(_ pair: consuming Pair) { self.pair = pair }
}
