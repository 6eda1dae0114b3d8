import Glibc
import Testing
import Wire

@testable import Secrets

@Suite("An agent and what its callers may not do", .onItsOwnThread)
struct IsolationTests {
    /// Makes every request about a secret there is, for one name.
    private func everyRequest(_ caller: inout Caller, in namespace: String, key: String = "A") throws -> [Received] {
        let (space, name) = (namespace.utf8.span, key.utf8.span)
        return [
            try caller.get(key, in: namespace),
            try caller.call(.listSecrets, ListSecretsView(namespace: space)),
            try caller.call(.putSecret, PutSecretView(namespace: space, key: name, value: "new".utf8.span)),
            try caller.call(.deleteSecret, DeleteSecretView(namespace: space, key: name)),
            try caller.call(.evict, EvictView(namespace: space, key: name)),
        ]
    }

    /// Asks for several names at once.
    private func batch(_ caller: inout Caller, _ names: [(namespace: String, key: String)]) throws -> [Reason?] {
        let id = caller.nextID()
        try caller.send { output in
            let place = try output.beginFrame(.request(.getSecrets, id: id))
            for name in names {
                try output.appendReference(
                    ReferenceView(namespace: name.namespace.utf8.span, key: name.key.utf8.span)
                )
            }
            output.endFrame(begunAt: place)
        }
        let answer = try caller.frame()
        var list = try SecretResultList(decoding: answer.payload.span)
        var reasons: [Reason?] = []
        while let bytes = list.next() {
            let result = try SecretResultView(decoding: bytes)
            reasons.append(result.status == .ok ? nil : result.error?.reason)
        }
        return reasons
    }

    @Test func `an executor is denied every operation on secrets, whatever it is granted`() throws {
        try Node.run { choices, _ in
            choices.isolation = Isolation(denied: [.executor])
        } _: { node in
            for endpoint in [node.unix, node.tcp] {
                var executor = try node.caller(Domain.executor, over: endpoint)
                for namespace in ["company.team", "company", "elsewhere"] {
                    for answer in try everyRequest(&executor, in: namespace) {
                        #expect(answer.header.status == .permissionDenied)
                        #expect(answer.reason?.rawValue == "SERVICE_DENIED")
                    }
                }
                let reasons = try batch(&executor, [("company.team", "A"), ("company", "MISSING")])
                #expect(reasons.map { $0?.rawValue } == ["SERVICE_DENIED", "SERVICE_DENIED"])
            }
            #expect(node.backend.totalReads == 0)
            #expect(node.backend.writes.isEmpty)
            let denied = node.trail.records(["service": "EXECUTOR", "decision": "deny", "reason": "SERVICE_DENIED"])
            #expect(denied.count == 2 * (3 * 5 + 2))
            #expect(Set(denied.compactMap { $0["operation"] }) == ["get", "list", "put", "delete", "evict"])
            #expect(node.trail.records(["decision": "allow"]).isEmpty)
            // The same rules let another service in.
            var worker = try node.caller(Domain.worker)
            #expect(try worker.get("A").value() == "A")
        }
    }

    @Test func `a name outside is denied in the same words whether it exists or not, and the manager is not asked`()
        throws
    {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            var answers: [[UInt8]] = []
            for key in ["EXISTS", "MISSING"] {
                for answer in try everyRequest(&caller, in: "elsewhere.team", key: key) {
                    #expect(answer.header.status == .permissionDenied)
                    #expect(answer.reason == .namespaceNotAllowed)
                    answers.append(answer.payload)
                }
            }
            #expect(answers.prefix(5) == answers.suffix(5))
            let reasons = try batch(&caller, [("elsewhere", "EXISTS"), ("elsewhere", "MISSING"), ("company", "A")])
            #expect(reasons == [.namespaceNotAllowed, .namespaceNotAllowed, nil])
            #expect(node.backend.totalReads == 1)
            #expect(node.backend.writes.isEmpty)
            // Inside, the difference is told.
            #expect(try caller.get("MISSING").reason == .keyNotFound)
        }
    }

    @Test func `a value in the cache is for nobody who may not have it`() throws {
        try Node.run { choices, _ in
            choices.denials = [
                try PolicyRule(identity: Domain.main + "/webserver", operations: Operations(.get))
            ]
        } _: { node in
            var worker = try node.caller(Domain.worker)
            #expect(try worker.get("A").source() == .fresh)
            #expect(try worker.get("A").source() == .cached)
            for identity in ["/webserver", "/scheduler"].map({ Domain.main + $0 }) {
                var other = try node.caller(identity)
                let status = try other.get("A").header.status
                #expect(status == (identity.hasSuffix("scheduler") ? .ok : .permissionDenied))
            }
            // Another tenant has another entry.
            var foreign = try node.caller("spiffe://example.org/tenant/other/service/worker")
            #expect(try foreign.get("A").source() == .fresh)
            var stranger = try node.caller("spiffe://example.org/nobody")
            #expect(try stranger.get("A").reason == Reason(rawValue: "IDENTITY_NOT_ALLOWED"))
        }
    }

    @Test func `a tenant that a caller has no grant for is denied`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            let reference = ReferenceView(
                namespace: "company.team".utf8.span,
                key: "A".utf8.span,
                tenant: "other".utf8.span
            )
            let answer = try caller.call(.getSecret, reference)
            #expect(answer.header.status == .permissionDenied)
            #expect(answer.reason?.rawValue == "TENANT_NOT_ALLOWED")
            #expect(node.trail.records(["tenant": "other", "key": "A", "reason": "TENANT_NOT_ALLOWED"]).count == 1)
            #expect(node.backend.totalReads == 0)
        }
    }

    @Test func `a denial wins over every grant`() throws {
        try Node.run { choices, _ in
            choices.denials = [
                try PolicyRule(
                    identity: Domain.worker,
                    namespaces: ["company.payments.**"],
                    operations: Operations(.get).union(Operations(.put))
                ),
                try PolicyRule(identity: Domain.worker, keys: ["ROOT_*"], operations: Operations(.get)),
            ]
        } _: { node in
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("A", in: "company.payments").reason == .namespaceNotAllowed)
            #expect(try caller.get("A", in: "company.payments.cards").reason == .namespaceNotAllowed)
            #expect(try caller.get("ROOT_PASSWORD").header.status == .permissionDenied)
            #expect(try caller.get("A").value() == "A")
            let listed = try caller.call(.listSecrets, ListSecretsView(namespace: "company.payments".utf8.span))
            #expect(listed.header.status == .ok)
            let rules = node.trail.records(["decision": "deny"]).map { $0["rule"] }
            #expect(rules == ["denials[0]", "denials[0]", "denials[1]"])
        }
    }

    @Test func `Explain says what GetSecret does, for every kind of caller and name`() throws {
        try Node.run { choices, _ in
            choices.isolation = Isolation(denied: [.executor])
            choices.denials = [
                try PolicyRule(
                    identity: Domain.worker,
                    namespaces: ["company.payments.**"],
                    keys: ["CARD_*"],
                    operations: Operations(.get)
                )
            ]
        } _: { node in
            let identities = [
                Domain.worker, Domain.executor, Domain.operatorIdentity, "spiffe://example.org/nobody",
                Domain.main + "/unheard-of",
            ]
            for identity in identities {
                var caller = try node.caller(identity)
                for namespace in ["company", "company.payments", "company.payments.deep", "elsewhere"] {
                    for key in ["A", "CARD_NUMBER", "MISSING"] {
                        let got = try caller.get(key, in: namespace)
                        let explain = ExplainView(
                            operation: "get".utf8.span,
                            namespace: namespace.utf8.span,
                            key: key.utf8.span
                        )
                        let answer = try caller.call(.explain, explain)
                        #expect(answer.header.status == .ok)
                        let explained = try ExplainAnswer(decoding: answer.payload.span)
                        let wasAllowed = got.header.status == .ok || got.header.status == .notFound
                        #expect(explained.allowed == wasAllowed, "\(identity) \(namespace) \(key)")
                        if !wasAllowed {
                            #expect(explained.reason == got.reason)
                            #expect(explained.namespaces.isEmpty && explained.scopes.isEmpty)
                        }
                    }
                }
            }
        }
    }

    @Test func `WhoAmI tells what the certificate and the kernel say, and whom isolation keeps away`() throws {
        try Node.run { choices, _ in
            choices.isolation = Isolation(denied: [.executor, .scheduler])
        } _: { node in
            let local = try whoAmI(node, node.unix)
            #expect(local.identity == Domain.executor)
            #expect(local.service == "EXECUTOR")
            #expect(local.tenant == "main")
            #expect(local.deniedServices == ["EXECUTOR", "SCHEDULER"])
            #expect(local.grants.map(\.namespaces) == [["company.**"]])
            #expect(local.grants.map(\.tenants) == [["main"]])
            #expect(local.peerPID == getpid())
            #expect(local.peerUID == getuid())
            let remote = try whoAmI(node, node.tcp)
            #expect(remote.identity == Domain.executor)
            #expect(remote.grants == local.grants)
            #expect(remote.peerPID == nil)
            #expect(remote.peerUID == nil)
        }
    }

    private func whoAmI(_ node: Node, _ endpoint: Endpoint) throws -> WhoAmIAnswer {
        var caller = try node.caller(Domain.executor, over: endpoint)
        let answer = try caller.call(.whoAmI, EmptyMessage())
        return try WhoAmIAnswer(decoding: answer.payload.span)
    }

    @Test func `a rule that wants a user holds on the Unix socket only`() throws {
        try Node.run { choices, _ in
            let operations = Operations(.get)
            choices.grants = [
                try PolicyRule(identity: Domain.worker, operations: operations, uid: getuid()),
                try PolicyRule(identity: Domain.main + "/indexer", operations: operations, uid: getuid() + 1),
                try Node.operators(),
            ]
        } _: { node in
            var local = try node.caller(Domain.worker, over: node.unix)
            #expect(try local.get("A").value() == "A")
            var remote = try node.caller(Domain.worker, over: node.tcp)
            #expect(try remote.get("A").header.status == .permissionDenied)
            var other = try node.caller(Domain.main + "/indexer", over: node.unix)
            #expect(try other.get("A").header.status == .permissionDenied)
        }
    }

    @Test func `a policy that is replaced holds for connections that are open`() throws {
        try Node.run { node in
            var caller = try node.caller(Domain.worker)
            #expect(try caller.get("A").value() == "A")
            try node.replacePolicy(grants: [Node.operators()])
            try waitUntil("it is denied") { try caller.get("A").header.status == .permissionDenied }
            // A cached value is no way round it.
            #expect(try caller.get("A").reason == Reason(rawValue: "IDENTITY_NOT_ALLOWED"))
            try node.replacePolicy(grants: [Node.worker(), Node.operators()])
            try waitUntil("it is allowed again") { try caller.get("A").header.status == .ok }
        }
    }
}
