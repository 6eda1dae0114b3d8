internal import Cryptography
internal import SecretMemory
internal import Secrets

/// A document of the index: names and the like in the open, the value sealed. Where a secret was deleted, its document
/// stays without a value, so that its versions never begin again.
struct SealedDocument: Sendable {
    let name: SecretName
    /// From 1, one more with each write.
    let version: Int64
    /// nil where the secret was deleted.
    let sealed: (envelope: [UInt8], key: KeyIdentifier)?
    var tags: [String] = []
    var description: String?
    /// Dates as they stand in the document.
    let createdAt: String
    let updatedAt: String

    /// Whether both were written by one and the same request.
    func isSame(as other: SealedDocument) -> Bool {
        version == other.version && updatedAt == other.updatedAt && sealed?.envelope == other.sealed?.envelope
    }

    func json() throws(MemoryError) -> SharedSecret {
        var writer = JSONWriter()
        try writer.beginObject()
        for (key, text) in [("tenant", name.tenant), ("namespace", name.namespace), ("name", name.key)] {
            try writer.key(key)
            try writer.string(text)
        }
        try writer.key("version")
        try writer.integer(version)
        if let sealed {
            try writer.key("key_id")
            try writer.string(sealed.key.description)
            try writer.key("envelope")
            try writer.base64(sealed.envelope.span)
        }
        try writer.key("tags")
        try writer.beginArray()
        for tag in tags { try writer.string(tag) }
        try writer.endArray()
        if let description {
            try writer.key("description")
            try writer.string(description)
        }
        for (key, text) in [("created_at", createdAt), ("updated_at", updatedAt)] {
            try writer.key(key)
            try writer.string(text)
        }
        if sealed == nil {
            try writer.key("deleted_at")
            try writer.string(updatedAt)
        }
        try writer.endObject()
        return SharedSecret(try writer.finish())
    }
}

/// A document as it stands in the index, and on which condition it may be replaced.
struct StoredDocument: Sendable {
    let document: SealedDocument
    let sequenceNumber: Int64
    let primaryTerm: Int64

    /// - Parameter node: what a get answers, or one of those that several are answered with.
    init(
        _ node: JSONDocument.Node,
        in json: borrowing JSONDocument,
        of name: SecretName,
        place: SealedPlace
    ) throws(BackendError) {
        guard let sequenceNumber = json.integer(json.node("_seq_no", in: node)),
            let primaryTerm = json.integer(json.node("_primary_term", in: node)),
            let source = json.node("_source", in: node)
        else { throw .malformed(detail: "\(place.store) answered without a document, or without its sequence number") }
        self.sequenceNumber = sequenceNumber
        self.primaryTerm = primaryTerm
        let text = { (member: String, json: borrowing JSONDocument) in json.string(json.node(member, in: source)) }
        let written = SecretName(
            tenant: text("tenant", json) ?? "",
            namespace: text("namespace", json) ?? "",
            key: text("name", json) ?? ""
        )
        guard written == name, let version = json.integer(json.node("version", in: source)), version >= 1 else {
            throw place.refusal(.tampered, of: name)
        }
        let isDeleted = text("deleted_at", json) != nil
        document = SealedDocument(
            name: name,
            version: version,
            sealed: isDeleted ? nil : try Self.sealed(source, json, name, place),
            tags: json.node("tags", in: source).map { json.elements(of: $0) }?.compactMap { json.string($0) } ?? [],
            description: text("description", json),
            createdAt: text("created_at", json) ?? text("updated_at", json) ?? "",
            updatedAt: text("updated_at", json) ?? ""
        )
    }

    private static func sealed(
        _ source: JSONDocument.Node,
        _ json: borrowing JSONDocument,
        _ name: SecretName,
        _ place: SealedPlace
    ) throws(BackendError) -> (envelope: [UInt8], key: KeyIdentifier) {
        guard let written = json.node("envelope", in: source) else { throw place.refusal(.malformed, of: name) }
        let envelope: [UInt8]
        do throws(Base64.Failure) {
            let bytes = try json.base64(written, account: .http)
            envelope = [UInt8](capacity: bytes.count) { output in output.append(contentsOf: bytes.bytes) }
        } catch {
            if case .memory(let error) = error { throw .memory(error) }
            throw place.refusal(.malformed, of: name)
        }
        do throws(EnvelopeError) {
            let key = try EnvelopeLayout.keyIdentifier(of: envelope.span)
            guard json.string(json.node("key_id", in: source)) == key.description else {
                throw EnvelopeError.tampered
            }
            return (envelope, key)
        } catch {
            throw place.refusal(error, of: name)
        }
    }
}
