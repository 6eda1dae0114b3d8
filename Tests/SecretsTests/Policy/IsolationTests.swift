import Testing

@testable import Secrets

@Suite("Isolation")
struct IsolationTests {
    private static func peer(_ service: ServiceType) throws -> Access {
        try Peers.access(
            "spiffe://example.org/tenant/main/service/\(service.rawValue.lowercased())",
            grants: [PolicyRule(identity: "spiffe://example.org/**", operations: .everything)]
        )
    }

    @Test("without a list, whoever never runs a task is kept away", arguments: ServiceType.allCases)
    func defaults(service: ServiceType) throws {
        let decision = try Self.peer(service).decide("a", isolation: Isolation(denied: Isolation.defaultDenied))
        switch service {
        case .executor, .scheduler, .webserver:
            #expect(decision == Decision(refusal: .serviceDenied, rule: "isolation"))
        case .worker, .indexer, .controller:
            #expect(decision == Decision(refusal: nil, rule: "grants[0]"))
        }
    }

    @Test("a list takes the place of the default", arguments: ServiceType.allCases)
    func custom(service: ServiceType) throws {
        let decision = try Self.peer(service).decide("a", isolation: Isolation(denied: [.worker]))
        #expect(decision.isAllowed == (service != .worker))
        #expect(try Self.peer(service).decide("a", isolation: .off).isAllowed)
    }

    @Test("it comes before grants and denials, and needs none to say so")
    func first() throws {
        let nobody = try Peers.access("spiffe://example.org/service/executor", grants: [])
        let decision = nobody.decide("a", isolation: Isolation(denied: [.executor]))
        #expect(decision == Decision(refusal: .serviceDenied, rule: "isolation"))
    }

    @Test("a grant cannot rename a peer out of its isolation")
    func renamed() throws {
        let access = try Peers.access(
            "spiffe://example.org/tenant/main/service/executor",
            grants: [PolicyRule(identity: "spiffe://example.org/**", service: "WORKER", operations: .everything)]
        )
        #expect(access.services == [.worker, .executor])
        #expect(access.serviceNames == "EXECUTOR,WORKER")
        #expect(access.decide("a", isolation: Isolation(denied: [.executor])).refusal == .serviceDenied)
        #expect(access.decide("a", isolation: Isolation(denied: [.worker])).refusal == .serviceDenied)
        #expect(access.decide("a", isolation: Isolation(denied: [.scheduler])).isAllowed)
    }

    @Test("a tenant called service does not hide what the peer is")
    func hidden() throws {
        let access = try Peers.access(
            "spiffe://example.org/tenant/service/service/executor",
            grants: [PolicyRule(identity: "spiffe://example.org/**", tenant: "*", operations: .everything)]
        )
        #expect(access.decide("a", isolation: Isolation(denied: Isolation.defaultDenied)).refusal == .serviceDenied)
    }

    @Test("a peer of an unknown type is granted nothing, unless a rule says what it is")
    func unknown() throws {
        let uri = "spiffe://example.org/tenant/main/service/deployer"
        let byPath = try Peers.access(
            uri,
            grants: [
                PolicyRule(identity: "spiffe://example.org/**", operations: .everything),
                PolicyRule(
                    identity: "spiffe://example.org/tenant/*/service/{service}",
                    service: "{service}",
                    operations: .everything
                ),
            ]
        )
        #expect(byPath.decide("a").refusal == .identityNotAllowed)
        let named = try Peers.access(
            uri,
            grants: [PolicyRule(identity: uri, service: "WORKER", operations: .everything)]
        )
        #expect(named.decide("a").isAllowed)
    }

    @Test("a level of the climb is closed where its scope keeps the peer away, or a denial does")
    func levels() throws {
        let scopes = ScopeTable([
            Scope(
                id: 1,
                name: "default",
                type: "scripted",
                backend: ScriptedBackend(),
                isolation: Isolation(denied: [.executor])
            ),
            Scope(id: 2, name: "payments", namespace: "a.payments", type: "scripted", backend: ScriptedBackend()),
        ])
        let access = try Peers.access(
            "spiffe://example.org/tenant/main/service/executor",
            grants: [PolicyRule(identity: "spiffe://example.org/**", operations: .everything)],
            denials: [
                PolicyRule(identity: "spiffe://example.org/**", namespaces: ["a.payments.b"], operations: .everything)
            ]
        )
        func isClosed(_ namespace: String) -> Bool {
            access.isClosed(
                .get,
                tenant: "main".utf8Span.span,
                namespace: namespace.utf8Span.span,
                key: "KEY".utf8Span.span,
                scopes: scopes
            )
        }
        #expect(isClosed("a"))
        #expect(!isClosed("a.payments"))
        #expect(isClosed("a.payments.b"))
        #expect(!isClosed("a.payments.c"))
    }
}
