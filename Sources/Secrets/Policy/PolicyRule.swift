/// One grant or denial as it was configured.
public struct PolicyRule: Sendable {
    /// Which certificates it is about.
    public let identity: IdentityPattern
    /// What the matching identity is; nil: what its path says, as in `…/service/worker`. May be a capture.
    public let service: String?
    /// Whose secrets; nil: what the path says, as in `…/tenant/main`; `*` any tenant. May be a capture.
    public let tenant: String?
    /// Namespace patterns. May contain captures.
    public let namespaces: [String]
    /// Key patterns. May contain captures.
    public let keys: [String]
    /// What it grants or denies.
    public let operations: Operations
    /// On Unix sockets only peers of this user; on others never.
    public let uid: UInt32?
    /// On Unix sockets only peers of this group; on others never.
    public let gid: UInt32?

    /// - Throws: what is wrong, before any peer meets the rule.
    public init(
        identity: String,
        service: String? = nil,
        tenant: String? = nil,
        namespaces: [String] = ["**"],
        keys: [String] = ["*"],
        operations: Operations,
        uid: UInt32? = nil,
        gid: UInt32? = nil
    ) throws(PolicyFault) {
        self.identity = try IdentityPattern(identity)
        if let service, !CaptureTemplate(service).isOneCapture, ServiceType(name: service) == nil {
            let known = ServiceType.allCases.map(\.rawValue).joined(separator: ", ")
            throw PolicyFault("unknown service type \"\(service)\"; known are \(known)")
        }
        self.service = service
        self.tenant = tenant
        self.namespaces = namespaces
        self.keys = keys
        self.operations = operations
        self.uid = uid
        self.gid = gid
        for text in [service, tenant].compactMap({ $0 }) + namespaces + keys { try checkCaptures(text) }
        if let tenant, tenant != "*", !tenant.isEmpty { try Self.checkTenant(tenant) }
        for text in namespaces { try Self.checkNamespace(text) }
        for text in keys { _ = try KeyPattern(text) }
    }

    private static func checkTenant(_ text: String) throws(PolicyFault) {
        let template = CaptureTemplate(text)
        if template.hasStrayBrace || text.utf8.contains(UInt8(ascii: "*")) {
            throw PolicyFault("the tenant \"\(text)\" is neither a name, nor a capture such as {tenant}, nor *")
        }
        let sample = template.sample
        if let fault = NameRules.keyFault(sample.utf8Span.span) { throw PolicyFault("the tenant \"\(text)\" \(fault)") }
    }

    private static func checkNamespace(_ text: String) throws(PolicyFault) {
        let template = CaptureTemplate(text)
        if template.hasStrayBrace {
            throw PolicyFault("the namespace \"\(text)\" has a brace that is part of no known capture")
        }
        // A pattern with captures has to be one whatever they say.
        do throws(PolicyFault) { _ = try NamespacePattern(template.sample) } catch {
            throw template.captures.isEmpty
                ? error : PolicyFault("the namespace \"\(text)\" is no pattern: only a.*, a.** and ** are")
        }
    }

    private func checkCaptures(_ text: String) throws(PolicyFault) {
        for name in CaptureTemplate(text).captures {
            guard identity.segments.contains(.capture(name)) else {
                throw PolicyFault(
                    "\"\(text)\" uses {\(name)}, which the identity \"\(identity.text)\" does not capture"
                )
            }
        }
    }
}
