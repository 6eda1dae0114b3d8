internal import Secrets

/// The pieces that audit records are put together from, in the order of their fields.
enum AuditFields {
    /// Who is at the other end; the same for a whole connection.
    static func peer(_ peer: Peer, _ access: Access) -> [UInt8] {
        var fields = AuditBatch()
        fields.field("identity", access.identity.uri)
        fields.field("service", access.serviceNames)
        if let process = peer.process {
            fields.field("peer", process.text)
        } else {
            fields.field("peer", peer.address)
        }
        return fields.fields
    }

    /// What is asked for.
    static func name(
        _ operation: StaticString,
        tenant: Span<UInt8>,
        namespace: Span<UInt8>,
        key: Span<UInt8> = Span(),
        subkey: Span<UInt8> = Span(),
        into batch: inout AuditBatch
    ) {
        batch.operation(operation)
        batch.field("tenant", tenant)
        batch.field("namespace", namespace)
        batch.field("key", key)
        batch.field("subkey", subkey)
    }
}

extension AuditBatch {
    mutating func operation(_ name: StaticString) { verbatim("operation", name) }

    mutating func allowed(by rule: String) {
        verbatim("decision", "allow")
        field("rule", rule)
    }

    mutating func denied(_ reason: String, by rule: String) {
        verbatim("decision", "deny")
        field("reason", reason)
        field("rule", rule)
    }
}
