internal import SecretMemory
internal import Secrets
internal import Wire

/// A request that was allowed and answered from the cache, and what was worked out for it: workers ask for the same few names
/// again and again. It holds for one policy and one set of scopes, and names no value.
final class RememberedRead: Sendable {
    /// The request, byte for byte.
    private let payload: [UInt8]
    private let access: Access
    private let snapshot: Snapshot
    let probe: CacheProbe
    let reference: SecretReference
    let maximumAge: Int64?
    let subkey: [UInt8]
    /// The beginning of the audit's record, which says who asks, for what, what was decided, and that the answer was cached.
    let record: [UInt8]

    /// - Returns: nil where the name's scope keeps nothing.
    init?(
        _ payload: Span<UInt8>,
        _ reference: ReferenceView,
        _ owned: SecretReference,
        _ decision: Decision,
        _ call: RequestCall
    ) {
        let tenant = owned.tenant.utf8Span.span
        let probe = CacheProbe(
            tenant: tenant,
            namespace: reference.namespace,
            key: reference.key,
            version: reference.version,
            scopes: call.snapshot.scopes
        )
        guard let probe else { return nil }
        self.probe = probe
        self.payload = Self.copy(payload)
        access = call.access
        snapshot = call.snapshot
        self.reference = owned
        maximumAge = owned.maximumAge
        subkey = Self.copy(reference.subkey)
        var record = AuditBatch()
        record.begin(call.session.auditPrefix)
        AuditFields.name("get", of: reference, tenant: tenant, into: &record)
        record.allowed(by: decision.rule)
        record.from(.cached)
        self.record = record.fields
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        [UInt8](capacity: bytes.count) { output in output.append(contentsOf: bytes) }
    }

    /// Whether this is the same request, judged by the same policy and found in the same scopes.
    func holds(for payload: Span<UInt8>, _ access: Access, _ snapshot: Snapshot) -> Bool {
        let own = self.payload
        return self.access === access && self.snapshot === snapshot && own.span.equals(payload)
    }
}

/// The last few requests of a connection that can be answered without being judged anew.
struct RememberedReads {
    /// Most requests that one connection has remembered; a task has seldom more secrets.
    static let limit = 16

    private var slots: [RememberedRead?] = []
    private var isFirst = true

    /// False the first time: most connections of a task ask once and are gone.
    mutating func areWorthwhile() -> Bool {
        defer { isFirst = false }
        return !isFirst
    }

    func find(_ payload: Span<UInt8>, _ access: Access, _ snapshot: Snapshot) -> RememberedRead? {
        guard !slots.isEmpty, let read = slots[Self.slot(payload)], read.holds(for: payload, access, snapshot) else {
            return nil
        }
        return read
    }

    /// Takes the place of an earlier one.
    mutating func remember(_ read: RememberedRead, _ payload: Span<UInt8>) {
        if slots.isEmpty { slots = Array(repeating: nil, count: Self.limit) }
        slots[Self.slot(payload)] = read
    }

    /// By the end of a request, where keys differ.
    private static func slot(_ payload: Span<UInt8>) -> Int {
        var hash = payload.count
        for index in max(0, payload.count - 8)..<payload.count { hash = hash &* 31 &+ Int(payload[index]) }
        return hash & (limit - 1)
    }
}
