import Testing

@testable import Secrets

@Suite("Decisions")
struct AccessTests {
    @Test("nothing is allowed that no grant allows")
    func nothing() throws {
        let access = try Peers.access(grants: [])
        #expect(access.decide("a") == Decision(refusal: .identityNotAllowed, rule: ""))
        #expect(access.decide(.health) == Decision(refusal: .identityNotAllowed, rule: ""))
    }

    @Test("each refusal says what was missing, the nearest grant counting")
    func refusals() throws {
        let access = try Peers.access(grants: [
            PolicyRule(identity: "spiffe://example.org/other", namespaces: ["**"], operations: .everything),
            PolicyRule(identity: Peers.worker, namespaces: ["a.**"], keys: ["DB_*"], operations: .reading),
            PolicyRule(identity: Peers.worker, namespaces: ["a.b"], keys: ["API"], operations: Operations(.get)),
        ])
        #expect(access.decide("a", "DB_X") == Decision(refusal: nil, rule: "grants[1]"))
        #expect(access.decide("a.b", "API") == Decision(refusal: nil, rule: "grants[2]"))
        #expect(access.decide(tenant: "other", "a", "DB_X") == Decision(refusal: .tenantNotAllowed, rule: ""))
        #expect(access.decide("b", "DB_X") == Decision(refusal: .namespaceNotAllowed, rule: ""))
        #expect(access.decide("a", "API") == Decision(refusal: .keyNotAllowed, rule: ""))
        #expect(access.decide(.put, "a", "DB_X") == Decision(refusal: .operationNotAllowed, rule: ""))
        #expect(access.decide(.put, "a.b", "API") == Decision(refusal: .operationNotAllowed, rule: ""))
        #expect(access.decide(.list, "a", nil) == Decision(refusal: nil, rule: "grants[1]"))
        #expect(access.decide(.list, "b", nil) == Decision(refusal: .namespaceNotAllowed, rule: ""))
        #expect(access.decide(.evict, "a", nil) == Decision(refusal: .operationNotAllowed, rule: ""))
    }

    @Test("the reasons have the names that the protocol gives them")
    func names() {
        let names: [Decision.Refusal] = [
            .serviceDenied, .identityNotAllowed, .tenantNotAllowed, .namespaceNotAllowed, .keyNotAllowed,
            .operationNotAllowed,
        ]
        #expect(
            names.map(\.rawValue) == [
                "SERVICE_DENIED", "IDENTITY_NOT_ALLOWED", "TENANT_NOT_ALLOWED", "NAMESPACE_NOT_ALLOWED",
                "KEY_NOT_ALLOWED",
                "OPERATION_NOT_ALLOWED",
            ]
        )
    }

    @Test("a denial beats every grant, and is named", arguments: [0, 1, 2])
    func denials(position: Int) throws {
        var denials = [
            try PolicyRule(identity: "spiffe://example.org/other/**", namespaces: ["**"], operations: .everything),
            try PolicyRule(identity: Peers.worker, namespaces: ["z"], operations: .everything),
        ]
        let denial = try PolicyRule(
            identity: "spiffe://example.org/**",
            tenant: "main",
            namespaces: ["a.secret.**"],
            keys: ["ROOT_*"],
            operations: Operations(.get)
        )
        denials.insert(denial, at: position)
        let access = try Peers.access(
            grants: [
                PolicyRule(identity: Peers.worker, tenant: "*", namespaces: ["**"], operations: .everything),
                PolicyRule(
                    identity: Peers.worker,
                    namespaces: ["a.secret"],
                    keys: ["ROOT_KEY"],
                    operations: .everything
                ),
            ],
            denials: denials
        )
        let denied = Decision(refusal: .namespaceNotAllowed, rule: "denials[\(position)]")
        #expect(access.decide("a.secret", "ROOT_KEY") == denied)
        #expect(access.decide("a.secret.deep", "ROOT_") == denied)
        #expect(access.decide("a.secret", "OTHER").isAllowed)
        #expect(access.decide(.put, "a.secret", "ROOT_KEY").isAllowed)
        #expect(access.decide(tenant: "second", "a.secret", "ROOT_KEY").isAllowed)
        #expect(access.decide("a", "ROOT_KEY").isAllowed)
    }

    @Test(
        "a listing is denied only where the denial is about every key",
        arguments: [("*", true), ("**", true), ("A*", false)]
    )
    func listings(keys: String, isDenied: Bool) throws {
        let access = try Peers.access(
            grants: [PolicyRule(identity: Peers.worker, operations: .everything)],
            denials: [PolicyRule(identity: Peers.worker, namespaces: ["a"], keys: [keys], operations: .everything)]
        )
        #expect(access.decide(.list, "a", nil).isAllowed == !isDenied)
        let closed = access.isDenied(.list, tenant: "main".utf8Span.span, namespace: "a".utf8Span.span, key: nil)
        #expect(closed == isDenied)
    }

    @Test("an operation about no name needs a grant of it, and no denial")
    func nameless() throws {
        let grant = try PolicyRule(identity: Peers.worker, namespaces: [], keys: [], operations: Operations(.health))
        let allowed = try Peers.access(grants: [grant])
        #expect(allowed.decide(.health) == Decision(refusal: nil, rule: "grants[0]"))
        #expect(allowed.decide(.heartbeat) == Decision(refusal: .operationNotAllowed, rule: ""))
        #expect(!allowed.allows("a"))
        let denied = try Peers.access(
            grants: [grant],
            denials: [PolicyRule(identity: "spiffe://example.org/**", operations: Operations(.health))]
        )
        #expect(denied.decide(.health) == Decision(refusal: .operationNotAllowed, rule: "denials[0]"))
        let narrow = try Peers.access(
            grants: [grant],
            denials: [
                PolicyRule(identity: "spiffe://example.org/**", namespaces: ["a.**"], operations: Operations(.health)),
                PolicyRule(identity: "spiffe://example.org/**", keys: ["DB_*"], operations: Operations(.health)),
            ]
        )
        #expect(narrow.decide(.health).isAllowed)
    }

    @Test("a rule that asks for a user or a group is about no other, and about nobody without one")
    func credentials() throws {
        let grants = [
            try PolicyRule(identity: Peers.worker, namespaces: ["u"], operations: .everything, uid: 1000),
            try PolicyRule(identity: Peers.worker, namespaces: ["g"], operations: .everything, gid: 50),
            try PolicyRule(identity: Peers.worker, namespaces: ["b"], operations: .everything, uid: 0, gid: 0),
        ]
        func open(_ uid: UInt32?, _ gid: UInt32?) throws -> [Bool] {
            let access = try Peers.access(grants: grants, uid: uid, gid: gid)
            return [access.allows("u"), access.allows("g"), access.allows("b")]
        }
        #expect(try open(1000, 1000) == [true, false, false])
        #expect(try open(1001, 50) == [false, true, false])
        #expect(try open(1000, 50) == [true, true, false])
        #expect(try open(0, 0) == [false, false, true])
        #expect(try open(0, nil) == [false, false, false])
        #expect(try open(nil, nil) == [false, false, false])
        let nobody = try Peers.access(grants: grants)
        #expect(nobody.decide("u").refusal == .identityNotAllowed)
    }

    @Test("the tenant is the path's, another that is named, or any")
    func tenants() throws {
        let own = try Peers.access(grants: [PolicyRule(identity: Peers.worker, operations: .everything)])
        #expect(own.allows(tenant: "main", "a"))
        #expect(own.decide(tenant: "other", "a").refusal == .tenantNotAllowed)
        #expect(own.decide(tenant: "", "a").refusal == .tenantNotAllowed)
        #expect(own.tenants == ["main"])
        #expect(own.defaultTenant == "main")
        #expect(!own.hasEveryTenant)

        let other = try Peers.access(grants: [
            PolicyRule(identity: Peers.worker, tenant: "second", operations: .everything),
            PolicyRule(identity: Peers.worker, tenant: "first", operations: .everything),
            PolicyRule(identity: Peers.worker, tenant: "second", operations: .everything),
        ])
        #expect(other.tenants == ["second", "first"])
        #expect(other.defaultTenant == "second")
        #expect(other.decide(tenant: "main", "a").refusal == .tenantNotAllowed)
        #expect(other.allows(tenant: "first", "a"))

        let any = try Peers.access(grants: [PolicyRule(identity: Peers.worker, tenant: "*", operations: .everything)])
        #expect(any.hasEveryTenant)
        #expect(any.defaultTenant == "main")
        #expect(any.allows(tenant: "main", "a") && any.allows(tenant: "else", "a") && any.allows(tenant: "", "a"))

        let none = try Peers.access(
            "spiffe://example.org/operator",
            grants: [PolicyRule(identity: "spiffe://example.org/operator", operations: .everything)]
        )
        #expect(none.defaultTenant == "")
        #expect(none.allows(tenant: "", "a"))
        #expect(none.decide(tenant: "main", "a").refusal == .tenantNotAllowed)
    }

    @Test("a tenant's name is compared byte for byte")
    func tenantBytes() throws {
        let access = try Peers.access(grants: [
            PolicyRule(identity: Peers.worker, tenant: "caf\u{e9}", operations: .everything),
            PolicyRule(identity: Peers.worker, tenant: "cafe\u{301}x", operations: .everything),
            PolicyRule(identity: Peers.worker, tenant: "K", operations: .everything),
        ])
        #expect(access.allows(tenant: "caf\u{e9}", "a"))
        #expect(access.decide(tenant: "cafe\u{301}", "a").refusal == .tenantNotAllowed)
        #expect(access.decide(tenant: "\u{212a}", "a").refusal == .tenantNotAllowed)
    }

    @Test("a peer is told of its grants as they apply to it")
    func description() throws {
        let access = try Peers.access(grants: [
            PolicyRule(
                identity: "spiffe://example.org/tenant/{tenant}/service/{service}",
                service: "{service}",
                tenant: "{tenant}",
                namespaces: ["{tenant}.**"],
                keys: ["{service}_*"],
                operations: .reading
            ),
            PolicyRule(identity: Peers.worker, tenant: "*", operations: Operations(.health)),
        ])
        #expect(
            access.description == [
                GrantDescription(
                    rule: "grants[0]",
                    identity: "spiffe://example.org/tenant/{tenant}/service/{service}",
                    tenant: "main",
                    namespaces: ["main.**"],
                    keys: ["worker_*"],
                    operations: ["get", "list"]
                ),
                GrantDescription(
                    rule: "grants[1]",
                    identity: Peers.worker,
                    tenant: "*",
                    namespaces: ["**"],
                    keys: ["*"],
                    operations: ["health"]
                ),
            ]
        )
        #expect(access.serviceNames == "WORKER")
    }

    @Test("an operation is known by its exact name", arguments: Operation.allCases)
    func operations(operation: Operation) {
        let named = Operation(name: operation.rawValue.utf8Span.span)
        let upper = Operation(name: operation.rawValue.uppercased().utf8Span.span)
        let longer = Operation(name: (operation.rawValue + "s").utf8Span.span)
        #expect(named == operation)
        #expect(upper == nil)
        #expect(longer == nil)
        #expect(Operations(operation).names == [operation.rawValue])
    }
}
