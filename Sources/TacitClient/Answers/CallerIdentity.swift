internal import Wire

/// What the agent makes of the caller.
public struct CallerIdentity: Equatable, Sendable {
    /// What a rule of the agent's policy allows, where no denial says otherwise.
    public struct Grant: Equatable, Sendable {
        /// The rule's place in the configuration, such as `grants[0]`.
        public let rule: String
        public let namespaces: [String]
        public let keys: [String]
        public let operations: [String]
        public let tenants: [String]

        init(_ grant: WhoAmIAnswer.Grant) {
            rule = grant.rule
            namespaces = grant.namespaces
            keys = grant.keys
            operations = grant.operations
            tenants = grant.tenants
        }
    }

    /// The SPIFFE ID of the caller's certificate.
    public let identity: String
    /// The service type in it.
    public let service: String
    /// The tenant that a request without one means.
    public let tenant: String
    public let grants: [Grant]
    /// Service types that may not read secrets there.
    public let deniedServices: [String]
    /// When the caller's certificate ends: milliseconds since 1970.
    public let certificateExpiresAt: Int64
    /// What the kernel says of the caller; nil over TCP.
    public let peerUID: UInt32?
    public let peerPID: Int32?

    init(_ answer: WhoAmIAnswer) {
        identity = answer.identity
        service = answer.service
        tenant = answer.tenant
        grants = answer.grants.map { Grant($0) }
        deniedServices = answer.deniedServices
        certificateExpiresAt = answer.certificateExpiresAt
        peerUID = answer.peerUID
        peerPID = answer.peerPID
    }
}
