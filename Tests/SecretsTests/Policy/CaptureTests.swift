import SeededGenerator
import Testing

@testable import Secrets

@Suite("Captures")
struct CaptureTests {
    private static let shape = "spiffe://example.org/t/{tenant}/s/{service}/n/{namespace}"

    private static func access(
        tenant: String = "main",
        service: String = "worker",
        namespace: String = "company",
        _ grant: PolicyRule,
        denials: [PolicyRule] = []
    ) throws -> Access {
        try Peers.access(
            "spiffe://example.org/t/\(tenant)/s/\(service)/n/\(namespace)",
            grants: [grant],
            denials: denials
        )
    }

    @Test("one rule serves every tenant, service and namespace")
    func filled() throws {
        let rule = try PolicyRule(
            identity: Self.shape,
            service: "{service}",
            tenant: "{tenant}",
            namespaces: ["{namespace}.**", "shared.{tenant}", "{tenant}.{namespace}.*"],
            keys: ["{service}_*"],
            operations: .everything
        )
        let access = try Self.access(tenant: "blue", service: "indexer", namespace: "company.team", rule)
        #expect(access.services == [.indexer])
        #expect(access.defaultTenant == "blue")
        for namespace in ["company.team", "company.team.x.y", "shared.blue", "blue.company.team.x"] {
            #expect(access.allows(tenant: "blue", namespace, "indexer_KEY"), "\(namespace)")
        }
        for namespace in ["company", "company.teams", "shared", "shared.green", "shared.blue.x", "blue.company.team"] {
            #expect(!access.allows(tenant: "blue", namespace, "indexer_KEY"), "\(namespace)")
        }
        #expect(access.decide(tenant: "blue", "company.team", "worker_KEY").refusal == .keyNotAllowed)
        #expect(access.decide(tenant: "main", "company.team", "indexer_KEY").refusal == .tenantNotAllowed)
    }

    @Test("a field may only use what the identity captures, and no other word in braces")
    func unknown() {
        let identity = "spiffe://example.org/{tenant}"
        #expect(throws: PolicyFault.self) {
            try PolicyRule(identity: identity, service: "{service}", operations: .reading)
        }
        #expect(throws: PolicyFault.self) {
            try PolicyRule(identity: identity, service: "{user}", operations: .reading)
        }
        #expect(throws: PolicyFault.self) {
            try PolicyRule(identity: identity, service: "x{tenant}", operations: .reading)
        }
        #expect(throws: PolicyFault.self) {
            try PolicyRule(identity: identity, service: "DEPLOYER", operations: .reading)
        }
        #expect(throws: PolicyFault.self) {
            try PolicyRule(identity: identity, tenant: "{namespace}", operations: .reading)
        }
        #expect(throws: PolicyFault.self) { try PolicyRule(identity: identity, tenant: "{user}", operations: .reading) }
        #expect(throws: PolicyFault.self) { try PolicyRule(identity: identity, tenant: "a*", operations: .reading) }
        #expect(throws: PolicyFault.self) { try PolicyRule(identity: identity, tenant: "a\u{0}", operations: .reading) }
        for namespace in [
            "{namespace}", "{user}.**", "{tenant}*", "a.{tenant}*", "*.{tenant}", "{tenant}..a", "a.{tenant", "a}",
        ] {
            #expect(throws: PolicyFault.self, "\(namespace)") {
                try PolicyRule(identity: identity, namespaces: [namespace], operations: .reading)
            }
        }
        #expect(throws: PolicyFault.self) {
            try PolicyRule(identity: identity, keys: ["{service}_*"], operations: .reading)
        }
        #expect(throws: PolicyFault.self) { try PolicyRule(identity: identity, keys: [""], operations: .reading) }
    }

    @Test("a message names the rule's own words")
    func messages() {
        let fault = #expect(throws: PolicyFault.self) {
            try PolicyRule(identity: "spiffe://example.org/a", service: "DEPLOYER", operations: .reading)
        }
        #expect(fault?.description.contains("DEPLOYER") == true)
        #expect(fault?.description.contains("WORKER") == true)
    }

    @Test("fields are filled once: what was captured is neither pattern nor capture")
    func onePass() {
        let captures = ["tenant": "{service}", "service": "{tenant}", "namespace": "a"]
        #expect(CaptureTemplate("{tenant}.{service}").filled(with: captures) == "{service}.{tenant}")
        #expect(CaptureTemplate("{ten{namespace}nt}").filled(with: captures) == "{tenant}")
        for hostile in ["*", "**", "a.*", "a.**", "x*"] {
            #expect(CaptureTemplate("{namespace}").filled(with: ["namespace": hostile]) == nil)
            #expect(CaptureTemplate("a.{namespace}.**").filled(with: ["namespace": hostile]) == nil)
        }
        #expect(CaptureTemplate("{tenant}").filled(with: [:]) == nil)
        #expect(CaptureTemplate("a.{b}.c").filled(with: [:]) == "a.{b}.c")
        #expect(CaptureTemplate("a.{b}.c").hasStrayBrace)
        #expect(!CaptureTemplate("a.{tenant}.c").hasStrayBrace)
    }

    /// What a certificate could carry where a name was meant.
    static let strange = [
        ".", "..", "...", "a.", ".a", "a..b", "-", "_", "a.b.c.d", String(repeating: "x", count: 300),
        String(repeating: "a.", count: 40) + "a", "tenant", "service", "namespace",
    ]

    @Test("a strange capture gives a grant nothing beyond itself", arguments: strange)
    func strangeGrant(capture: String) throws {
        let rule = try PolicyRule(
            identity: Self.shape,
            tenant: "main",
            namespaces: ["{namespace}", "{namespace}.*", "team.{namespace}.**"],
            keys: ["{namespace}_*"],
            operations: .everything
        )
        guard let identity = WorkloadIdentity(uri: "spiffe://example.org/t/main/s/worker/n/\(capture)") else {
            #expect([".", ".."].contains(capture))
            return
        }
        let access = Policy(grants: [rule], denials: [], generation: 1).access(for: identity, uid: nil, gid: nil)
        for namespace in ["", "a", "b", "team", "company.payments", "team.b", "x"] {
            let isItself =
                namespace == capture || namespace.hasPrefix(capture + ".") || namespace.hasPrefix("team." + capture)
            #expect(access.allows(namespace, capture + "_KEY") == false || isItself, "\(capture) and \(namespace)")
        }
        #expect(!access.allows("a", "KEY"))
    }

    @Test(
        "a strange capture makes a denial cover everything",
        arguments: ["a..b", ".a", "a.", String(repeating: "x", count: 300)]
    )
    func strangeDenial(capture: String) throws {
        let access = try Self.access(
            namespace: capture,
            PolicyRule(identity: "spiffe://example.org/**", tenant: "*", operations: .everything),
            denials: [
                PolicyRule(
                    identity: "spiffe://example.org/t/*/s/*/n/{namespace}",
                    tenant: "*",
                    namespaces: ["{namespace}"],
                    operations: .everything
                )
            ]
        )
        #expect(access.decide("elsewhere").rule == "denials[0]")
    }

    @Test("random identities are granted only their own part", .timeLimit(.minutes(1)))
    func random() throws {
        let policy = Policy(
            grants: [
                try PolicyRule(
                    identity: Self.shape,
                    service: "{service}",
                    tenant: "{tenant}",
                    namespaces: ["{namespace}.**"],
                    operations: .everything
                )
            ],
            denials: [],
            generation: 1
        )
        var generator = SeededGenerator(seed: 14)
        let pieces = [
            "a", ".", "b", "*", "{tenant}", "{service}", "{namespace}", "\u{301}", "K", "\u{212a}", "/", "-", "a.b",
        ]
        func word() -> String {
            (0..<Int.random(in: 1...4, using: &generator)).map { _ in generator.pick(pieces) }.joined()
        }
        var granted = 0
        for _ in 0..<8000 {
            let (tenant, namespace) = (word(), word())
            guard let identity = WorkloadIdentity(uri: "spiffe://example.org/t/\(tenant)/s/worker/n/\(namespace)")
            else { continue }
            let access = policy.access(for: identity, uid: nil, gid: nil)
            let (askedTenant, asked) = (
                generator.pick([tenant, word()]), generator.pick([namespace, word(), namespace + ".x"])
            )
            guard access.allows(tenant: askedTenant, asked) else { continue }
            granted += 1
            let own = asked.utf8.elementsEqual(namespace.utf8) || asked.utf8.starts(with: (namespace + ".").utf8)
            guard askedTenant.utf8.elementsEqual(tenant.utf8), own else {
                Issue.record("\(identity.uri) was granted \(asked) of \(askedTenant)")
                return
            }
        }
        #expect(granted > 40)
    }

    @Test("a denial with a service is about peers of that type and peers of no known type")
    func conditionalDenial() throws {
        let grant = try PolicyRule(
            identity: "spiffe://example.org/**",
            service: "WORKER",
            tenant: "*",
            operations: .everything
        )
        let denial = try PolicyRule(
            identity: "spiffe://example.org/**",
            service: "SCHEDULER",
            tenant: "*",
            operations: .everything
        )
        func allowed(_ path: String) throws -> Bool {
            try Peers.access("spiffe://example.org/\(path)", grants: [grant], denials: [denial]).allows("a")
        }
        #expect(try allowed("service/worker"))
        #expect(try !allowed("service/scheduler"))
        #expect(try !allowed("service/deployer"))
        #expect(try !allowed("operator/anna"))
    }
}
