import Testing

@testable import Agent
@testable import Secrets

@Suite("What recent peers may do")
struct RecentAccessTests {
    private func policy(_ generation: UInt64, uid: UInt32? = nil) throws -> Policy {
        let rule = try PolicyRule(
            identity: "spiffe://example.org/**",
            tenant: "main",
            operations: Operations(.get),
            uid: uid
        )
        return Policy(grants: [rule], denials: [], generation: generation)
    }

    private let worker = "spiffe://example.org/tenant/main/service/worker"

    @Test func `a peer that comes again has what was worked out for it, until the policy is another`() throws {
        var recent = RecentAccess()
        let first = try policy(1)
        let found = recent.access(of: worker, nil, under: first)
        let access = try #require(found)
        let again = recent.access(of: worker, nil, under: first)
        #expect(again === access)
        let next = recent.access(of: worker, nil, under: try policy(2))
        #expect(next !== access && next?.generation == 2)
    }

    @Test func `the user of a Unix socket's peer tells peers of one identity apart`() throws {
        var recent = RecentAccess()
        let rules = try policy(1, uid: 7)
        func may(_ uid: UInt32?) -> Bool? {
            let process = uid.map { Peer.Process(pid: 1, uid: $0, gid: 0) }
            return recent.access(of: worker, process, under: rules).map { !$0.tenants.isEmpty }
        }
        #expect(may(7) == true)
        #expect(may(8) == false)
        #expect(may(nil) == false)
        #expect(may(7) == true)
    }

    @Test func `identities that are equal as text and not as bytes are two, and only one of them is valid`() throws {
        var recent = RecentAccess()
        let rules = try policy(1)
        let plain = recent.access(of: "spiffe://example.org/K", nil, under: rules)
        #expect(plain != nil)
        // The Kelvin sign, which Swift takes for the letter.
        let strange = recent.access(of: "spiffe://example.org/\u{212a}", nil, under: rules)
        #expect(strange == nil)
    }

    @Test func `no more peers are remembered than the limit, and all of them are served`() throws {
        var recent = RecentAccess()
        let rules = try policy(1)
        for index in 0..<(2 * RecentAccess.limit + 1) {
            let access = recent.access(of: "spiffe://example.org/\(index)", nil, under: rules)
            #expect(access?.identity.uri == "spiffe://example.org/\(index)")
        }
    }
}
