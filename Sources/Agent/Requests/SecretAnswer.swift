internal import Liveness
internal import SecretMemory
internal import Secrets
internal import Wire

/// Writes a resolved value, or one field of it, where it will be encrypted from.
enum SecretAnswer {
    /// Appends a whole response.
    static func append(
        _ secret: ResolvedSecret,
        _ source: Source,
        subkey: Span<UInt8>,
        reader: LeaseMark,
        id: UInt32,
        at now: BootInstant,
        to buffer: inout SecretBuffer,
        payloadLimit: Int
    ) throws(RequestFailure) {
        secret.markRead(by: reader.bits)
        try withView(secret, source, subkey: subkey, at: now) { (view) throws(RequestFailure) in
            // Tags, lengths and numbers take far less than this; only near the limit is the size worked out.
            let roughly = view.value.count + view.namespace.count + view.version.count + 128
            guard roughly <= payloadLimit || view.encodedSize <= payloadLimit else {
                throw .backend(.tooLarge(limit: payloadLimit))
            }
            do throws(MemoryError) { try buffer.appendResponse(id: id, view) } catch { throw .memory(error) }
        }
    }

    /// Appends one result of a batch.
    static func appendResult(
        _ secret: ResolvedSecret,
        _ source: Source,
        subkey: Span<UInt8>,
        reader: LeaseMark,
        at now: BootInstant,
        to buffer: inout SecretBuffer,
        room: Int
    ) throws(RequestFailure) {
        secret.markRead(by: reader.bits)
        try withView(secret, source, subkey: subkey, at: now) { (view) throws(RequestFailure) in
            // A result wraps its secret in two tags and lengths and a status.
            guard view.encodedSize + 16 <= room else { throw .backend(.tooLarge(limit: max(0, room))) }
            do throws(MemoryError) { try buffer.appendResult(SecretResultView(view)) } catch { throw .memory(error) }
        }
    }

    private static func withView(
        _ secret: ResolvedSecret,
        _ source: Source,
        subkey: Span<UInt8>,
        at now: BootInstant,
        _ body: (SecretView) throws(RequestFailure) -> Void
    ) throws(RequestFailure) {
        // The names must be owned by this frame: a span cannot be lent out of a class's property.
        let names = secret.names
        let age = UInt64(max(0, now.nanoseconds(since: secret.fetchedAt)) / 1_000_000)
        let expiresIn = UInt64(max(0, secret.expiresAt.nanoseconds(since: now)) / 1_000_000)
        let source = SecretSource(rawValue: UInt32(source.rawValue)) ?? .unspecified
        func lend(_ value: Span<UInt8>) throws(RequestFailure) {
            try body(
                SecretView(
                    version: names.version,
                    source: source,
                    age: age,
                    expiresIn: expiresIn,
                    namespace: names.namespace,
                    value: value
                )
            )
        }
        try secret.value.withBytes { (value) throws(RequestFailure) in
            guard !subkey.isEmpty else { return try lend(value) }
            let field: JSONField
            do throws(JSONField.Failure) { field = try JSONField(subkey, in: value) } catch { throw .subkey(error) }
            let extracted: SecretBytes
            do throws(MemoryError) {
                extracted = try SecretBytes(capacity: field.byteCount, account: .tls) { (output) throws(MemoryError) in
                    field.write(from: value, into: &output)
                }
            } catch { throw .memory(error) }
            try lend(extracted.bytes)
        }
    }
}
