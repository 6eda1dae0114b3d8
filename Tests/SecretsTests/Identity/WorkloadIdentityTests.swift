import Testing

@testable import Secrets

@Suite("Workload identities")
struct WorkloadIdentityTests {
    @Test(
        "only the canonical spelling of a SPIFFE ID is an identity",
        arguments: [
            "", "spiffe:", "spiffe://", "spiffe:///a", "SPIFFE://example.org/a", "https://example.org/a",
            "spiffe://example.org/",
            "spiffe://example.org//a", "spiffe://example.org/a/", "spiffe://example.org/a/./b",
            "spiffe://example.org/..",
            "spiffe://Example.org/a", "spiffe://example.org:1/a", "spiffe://user@example.org/a",
            "spiffe://example.org/a?b",
            "spiffe://example.org/a#b", "spiffe://example.org/a%2fb", "spiffe://example.org/*",
            "spiffe://example.org/**",
            "spiffe://example.org/{tenant}", "spiffe://example.org/a b", "spiffe://example.org/a\u{0}b",
            "spiffe://example.org/tenant/m\u{e4}in", "spiffe://example.org/tenant/\u{212a}",
            "spiffe://ex\u{e4}mple.org/a",
            "spiffe://example.org/\u{301}a", "spiffe://example.org\r\n/a",
            "spiffe://" + String(repeating: "d", count: 256) + "/a",
            "spiffe://example.org/" + String(repeating: "a", count: 2048),
        ]
    )
    func refused(uri: String) {
        #expect(WorkloadIdentity(uri: uri) == nil)
    }

    @Test(
        "the path says tenant and service by convention",
        arguments: [
            ("spiffe://example.org/tenant/main/service/worker", "main", ServiceType.worker),
            ("spiffe://example.org/service/EXECUTOR/tenant/b", "b", .executor),
            ("spiffe://example.org/prod/eu/tenant/main/service/Indexer", "main", .indexer),
            ("spiffe://example.org/service/worker", "", .worker),
            ("spiffe://example.org/tenant/main", "main", nil),
            ("spiffe://example.org/tenant", "", nil),
            ("spiffe://example.org/service", "", nil),
            ("spiffe://example.org/operator/anna", "", nil),
            ("spiffe://service/worker", "", nil),
        ]
    )
    func conventions(uri: String, tenant: String, service: ServiceType?) throws {
        let identity = try Peers.identity(uri)
        #expect(identity.conventionalTenant == tenant)
        #expect(identity.conventionalService == service)
        #expect(!identity.namesUnknownService)
    }

    @Test("a tenant called service, or a service called tenant, hides nothing")
    func wordsAsValues() throws {
        let odd = try Peers.identity("spiffe://example.org/tenant/service/service/executor")
        #expect(odd.conventionalTenant == "service")
        #expect(odd.conventionalService == .executor)
        let even = try Peers.identity("spiffe://example.org/tenant/tenant/service/worker")
        #expect(even.conventionalTenant == "tenant")
        #expect(even.conventionalService == .worker)
    }

    @Test("a type that nobody knows is noticed", arguments: ["deployer", "workers", "worker1", "service"])
    func unknown(name: String) throws {
        let identity = try Peers.identity("spiffe://example.org/tenant/main/service/\(name)")
        #expect(identity.conventionalService == nil)
        #expect(identity.namesUnknownService)
    }

    @Test("a service type is known by its name in any ASCII case, and by no look-alike")
    func serviceNames() {
        for type in ServiceType.allCases {
            #expect(ServiceType(name: type.rawValue.lowercased()) == type)
            #expect(ServiceType(name: type.rawValue) == type)
        }
        for name in ["", "WORKERS", " worker", "\u{17f}cheduler", "\u{131}ndexer", "wor\u{212a}er", "web\u{17f}erver"] {
            #expect(ServiceType(name: name) == nil, "\(name)")
        }
    }
}
