import Testing

@testable import TLS

@Suite("Memory of verified certificates")
struct VerifiedLeavesTests {
    private func leaf(_ number: Int) -> VerifiedLeaf {
        let bytes = (0..<32).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> ($0 * 8)) : 7 }
        let identity = PeerIdentity(
            uri: "spiffe://example.org/\(number)",
            notBefore: 0,
            notAfter: 1,
            serial: "01",
            fingerprint: Fingerprint(bytes.span)
        )
        return VerifiedLeaf(identity: identity, chainNotBefore: 0, chainNotAfter: 1)
    }

    @Test func `it never holds more than its limit, and keeps what is in use`() {
        let leaves = VerifiedLeaves(limit: 100)
        let used = leaf(0)
        leaves.insert(used)
        for number in 1..<1000 {
            leaves.insert(leaf(number))
            #expect(leaves[used.identity.fingerprint]?.identity == used.identity)
            #expect(leaves.count <= 100)
        }
        #expect(leaves[leaf(999).identity.fingerprint] != nil)
        #expect(leaves[leaf(1).identity.fingerprint] == nil)
    }

    @Test func `a limit of 0 remembers nothing`() {
        let leaves = VerifiedLeaves(limit: 0)
        leaves.insert(leaf(1))
        #expect(leaves.count == 0)
    }

    @Test func `fingerprints are compared in full`() {
        var bytes = [UInt8](repeating: 1, count: 32)
        let one = Fingerprint(bytes.span)
        bytes[31] = 2
        let other = Fingerprint(bytes.span)
        #expect(one != other)
        #expect(one.description == String(repeating: "01", count: 32))
    }
}
