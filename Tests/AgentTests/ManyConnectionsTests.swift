import CLinux
import Foundation
import OpenSSLHooks
import SecretMemory
import Testing

@testable import TLS

/// Descriptors that this process, and one that it starts, may have.
private let descriptorLimit = linux_raise_descriptor_limit()

@Suite("An agent and thousands of connections", .onItsOwnThread)
struct ManyConnectionsTests {
    /// A sanitizer makes each of them many times as dear, and looks for something else.
    private static let count = unsafe dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil ? 5000 : 500

    @Test(.enabled(if: descriptorLimit > count + 500, "needs more descriptors"))
    func `thousands of connections at once are all served, and served again`() async throws {
        let agent = try Program { configuration, _ in
            configuration.limits = "{connections: \(Self.count + 100), handshakes-per-second: 100000}"
            configuration.memory = "{lock: preferred, maximum: 512MiB}"
        }
        let files = try agent.domain.client(Domain.worker)
        let folder = agent.workspace.folder
        // In a process of its own: the other side of so many connections takes more locked memory than tests have.
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            [folder = folder as String, stem = files.certificate as String, authority = files.authority as String] in
            try ManyConnectionsTests.callers(folder, stem, authority)
        }
        let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(agent.trail.records(["operation": "get", "decision": "allow"]).count == 2 * Self.count, "\(errors)")
        #expect(agent.trail.records(["decision": "deny"]).isEmpty)
        #expect(try agent.end() == 0)
        #expect(try agent.trail.fault() == nil)
    }

    /// Opens all connections and asks on each; then asks once more on each, while all of them are open.
    private static func callers(_ folder: String, _ certificate: String, _ authority: String) throws {
        _ = linux_raise_descriptor_limit()
        try Arena.start(Arena.Options(maximumBytes: 512 << 20))
        OpenSSLMemory.install()
        let files = TLSFiles(
            certificate: certificate,
            privateKey: certificate.replacing(".crt", with: ".key"),
            authority: authority
        )
        let context = try ClientContext(files: files)
        let threads = Threads()
        let opened = Recorded<Int>()
        let threadCount = 4
        for _ in 0..<threadCount {
            threads.start {
                let share = count / threadCount
                var boxes: [Box] = []
                for _ in 0..<share {
                    let box = Box(try Caller(.unix(folder + "/agent.sock"), context))
                    guard try box.caller.get(Program.key).value() == Program.value else { throw Overdue("no value") }
                    box.caller.rest()
                    boxes.append(box)
                }
                opened.append(share)
                try waitUntil("the others are there too", seconds: 300) { opened.all.count == threadCount }
                for box in boxes {
                    guard try box.caller.get(Program.key).value() == Program.value else { throw Overdue("no value") }
                }
            }
        }
        try threads.join(seconds: 400)
    }

    /// The way of a connection into an array.
    private final class Box {
        var caller: Caller
        init(_ caller: consuming Caller) { self.caller = caller }
    }
}
