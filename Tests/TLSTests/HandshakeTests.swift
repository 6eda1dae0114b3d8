import Glibc
import SecretMemory
import Testing

@testable import TLS

@Suite("Handshake")
struct HandshakeTests {
    private let domain: TrustDomain
    private let server: ServerContext

    init() throws {
        domain = try TrustDomain()
        server = try ServerContext(files: domain.issue(TrustDomain.agent()))
    }

    private func client(_ files: TLSFiles? = nil, expecting expected: ExpectedServer? = nil) throws -> ClientContext {
        try ClientContext(
            files: files ?? domain.issue(TrustDomain.worker()),
            expectedServer: expected,
            judgingItself: false
        )
    }

    @Test func `both sides agree and the server knows who is there`() throws {
        let files = try domain.issue(TrustDomain.worker())
        var pair = try Pair(server, client(files))
        let before = pair.server.peerIdentity()
        let progress = pair.handshake()
        #expect(progress == (.done, .done))
        let known = pair.server.peerIdentity()
        let identity = try #require(known)
        let described = try CertificateDescription.read(files.certificate)[0]
        #expect(before == nil)
        #expect(identity.uri == "spiffe://example.org/tenant/main/service/worker")
        #expect(identity.serial == described.serial)
        #expect(identity.fingerprint.description == described.sha256)
        #expect(Timestamp.text(identity.notAfter) == described.notAfter)
        #expect(Timestamp.text(identity.notBefore) == described.notBefore)
        let resumed = pair.server.wasResumed
        let objection = pair.server.recheck()
        #expect(!resumed)
        #expect(objection == nil)
    }

    @Test func `bytes arrive as they were sent, however the records fall`() throws {
        var pair = try Pair(server, client())
        _ = pair.handshake()
        let sent = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var received = SecretBuffer(limit: sent.count)
        var offset = 0
        for _ in 0..<1000 where received.count < sent.count {
            if offset < sent.count {
                let result = pair.client.write(sent.span.extracting(droppingFirst: offset))
                if case .bytes(let count) = result { offset += count } else { #expect(result == .wantsWrite) }
            }
            var more = true
            while more, received.count < sent.count {
                let result = pair.server.read(into: &received, atMost: min(16 << 10, sent.count - received.count))
                if case .bytes = result { continue }
                more = false
                #expect(result == .wantsRead)
            }
        }
        let count = received.count
        #expect(count == sent.count)
        let bytes = received.bytes
        for index in 0..<count where bytes[index] != sent[index] {
            Issue.record("byte \(index) differs")
            break
        }
    }

    @Test func `what was read ahead shows as pending, and idle buffers can be given back`() throws {
        var pair = try Pair(server, client())
        _ = pair.handshake()
        for byte in 1...3 { _ = pair.client.write([UInt8(byte)].span) }
        var buffer = SecretBuffer(limit: 100)
        let first = pair.server.read(into: &buffer, atMost: 10)
        let pending = pair.server.hasPending
        #expect(first == .bytes(1))
        #expect(pending, "three records came with one read of the socket")
        pair.server.releaseBuffers()  // nothing may be lost by it
        _ = pair.server.read(into: &buffer, atMost: 10)
        _ = pair.server.read(into: &buffer, atMost: 10)
        #expect(buffer.count == 3)
        let after = pair.server.hasPending
        #expect(!after)
        pair.server.releaseBuffers()
        _ = pair.client.write([4].span)
        let last = pair.server.read(into: &buffer, atMost: 10)
        #expect(last == .bytes(1))
    }

    @Test func `a full buffer is told apart from a broken connection`() throws {
        var pair = try Pair(server, client())
        _ = pair.handshake()
        _ = pair.client.write([1, 2, 3, 4].span)
        var small = SecretBuffer(limit: 2)
        let refused = pair.server.read(into: &small, atMost: 4)
        #expect(refused == .noRoom(.accountFull(.tls)))
        let (result, bytes) = pair.serverReads()
        #expect(result == .bytes(4))
        #expect(bytes == [1, 2, 3, 4])
    }

    @Test func `an orderly end reads as closed and nothing follows it`() throws {
        var pair = try Pair(server, client())
        _ = pair.handshake()
        pair.client.close()
        let (read, _) = pair.serverReads()
        #expect(read == .closed)
        let write = pair.client.write([1].span)
        #expect(write == .closed)
    }

    @Test func `writing to a peer that is gone ends in an answer, not a signal`() throws {
        var pair = try Pair(server, client())
        _ = pair.handshake()
        pair.sockets.hangUp()
        let first = pair.server.write([1].span)
        #expect(first == .closed)
        let second = pair.server.write([1].span)
        #expect(second == .closed)
    }

    @Test func `a peer that hangs up mid-handshake is reported as closed`() throws {
        let context = try client()
        var sockets = try SocketPair()
        var ours = try server.connection(on: sockets.server)
        do {
            var theirs = try context.connection(on: sockets.client)
            _ = theirs.handshake()
        }
        let first = ours.handshake()
        #expect(first == .wantsRead)
        sockets.hangUp()
        let second = ours.handshake()
        #expect(second.reason == .closed)
        let third = ours.handshake()
        #expect(third.reason == .closed)
    }

    @Test func `a peer that connects and leaves is reported as closed`() throws {
        var sockets = try SocketPair()
        var ours = try server.connection(on: sockets.server)
        sockets.hangUp()
        let progress = ours.handshake()
        #expect(progress.reason == .closed)
    }

    @Test(
        "anything but TLS is refused",
        arguments: [
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{0}\u{0}\u{0}\u{10}\u{0}\u{0}\u{0}\u{1}aaaaaaaaaaaa",
            "PING\r\n",
        ]
    )
    func garbage(text: String) throws {
        let sockets = try SocketPair()
        var ours = try server.connection(on: sockets.server)
        let bytes = Array(text.utf8)
        _ = unsafe send(sockets.client, bytes, bytes.count, 0)
        let progress = ours.handshake()
        #expect(progress.reason == .notTLS)
    }

    @Test func `any first bytes are refused without harm`() throws {
        var state: UInt64 = 42
        for round in 0..<300 {
            let sockets = try SocketPair()
            var ours = try server.connection(on: sockets.server)
            var bytes: [UInt8] = [22, 3, 1, UInt8(round & 1), UInt8(truncatingIfNeeded: round), 1]
            for _ in 0..<(20 + round) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 33))
            }
            _ = unsafe send(sockets.client, bytes, bytes.count, 0)
            shutdown(sockets.client, CInt(SHUT_WR))
            var progress = ours.handshake()
            if !progress.isOver { progress = ours.handshake() }
            #expect(progress.reason != nil)
        }
    }
}
