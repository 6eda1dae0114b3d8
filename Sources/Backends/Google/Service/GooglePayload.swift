internal import SecretMemory
internal import Secrets

/// A value as the service sends and takes it, with its checksum.
enum GooglePayload {
    /// The value of an answer, whose checksum must be right. A value without bytes is left out of the answer.
    static func read(_ document: borrowing JSONDocument, path: String) throws(GoogleFault) -> FetchedSecret {
        guard let version = GoogleVersions.number(document.string(document.node("name"))),
            let payload = document.node("payload"), document.kind(payload) == .object
        else { throw .failed(.malformed(detail: "reading \(path) was answered with something that is no version")) }
        let value: SecretBytes
        do throws(Base64.Failure) {
            value =
                if let data = document.node("data", in: payload) {
                    try document.base64(data)
                } else {
                    try empty()
                }
        } catch {
            switch error {
            case .memory(let error): throw .failed(.memory(error))
            case .malformed: throw .failed(.malformed(detail: "the value of \(path) is no Base64"))
            }
        }
        // Versions that are older than the service's checksums have none.
        if let expected = document.node("dataCrc32c", in: payload) {
            let checksum = value.withBytes { Int64(CRC32C.of($0)) }
            guard checksum == document.integer(expected) ?? document.string(expected).flatMap({ Int64($0) }) else {
                // As a broken connection, which another try may mend.
                throw .failed(.unavailable(detail: "the value of \(path) does not have its checksum"))
            }
        }
        return FetchedSecret(value: value, version: version)
    }

    private static func empty() throws(Base64.Failure) -> SecretBytes {
        do throws(MemoryError) { return try SecretBytes(capacity: 0) { _ in } } catch { throw .memory(error) }
    }

    /// The body that adds a version.
    static func body(_ value: Span<UInt8>) throws(MemoryError) -> SharedSecret {
        var json = JSONWriter()
        try json.beginObject()
        try json.key("payload")
        try json.beginObject()
        try json.key("data")
        try json.base64(value)
        try json.key("dataCrc32c")
        try json.string("\(CRC32C.of(value))")
        try json.endObject()
        try json.endObject()
        return SharedSecret(try json.finish())
    }
}
