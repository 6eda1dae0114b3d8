internal import SecretMemory
internal import Secrets

/// How bytes stand in a manager that keeps text only: as they are where that is safe, else in Base64 behind a marker. Every
/// value has one form, and a form says which value it is.
enum TextForm {
    static let marker = "tacit:base64:"

    /// Writes a value as a JSON string.
    ///
    /// - Parameter special: what the manager gives a meaning of its own within texts.
    static func write(
        _ value: Span<UInt8>,
        avoiding special: String? = nil,
        to writer: inout JSONWriter
    ) throws(MemoryError) {
        if isPlain(value), special.map({ !contains(value, $0.utf8Span.span) }) ?? true {
            return try writer.string(value)
        }
        let form = try marked(value)
        try writer.string(form.bytes)
    }

    /// A value as it is written, for managers that count its bytes.
    static func form(of value: Span<UInt8>) throws(BackendError) -> SharedSecret {
        try BackendError.mappingMemory { () throws(MemoryError) in
            SharedSecret(isPlain(value) ? try SecretBytes(copying: value, account: .http) : try marked(value))
        }
    }

    /// Reads the value of a JSON string.
    static func read(
        _ node: JSONDocument.Node,
        in json: borrowing JSONDocument,
        doing action: String
    ) throws(BackendError) -> SecretBytes {
        let text = try BackendError.mappingMemory { () throws(MemoryError) in try json.secret(node) }
        let isMarked = text.withBytes { hasPrefix($0, marker.utf8Span.span) }
        return isMarked ? try decoded(text, doing: action) : text
    }

    private static func marked(_ value: Span<UInt8>) throws(MemoryError) -> SecretBytes {
        let marker = marker.utf8Span.span
        return try SecretBytes(
            capacity: marker.count + Base64.encodedCount(value.count),
            account: .http
        ) { output in
            output.append(contentsOf: marker)
            Base64.encode(value, into: &output)
        }
    }

    private static func decoded(
        _ text: borrowing SecretBytes,
        doing action: String
    ) throws(BackendError) -> SecretBytes {
        do throws(Base64.Failure) {
            return try Base64.decode(text.bytes.extracting(droppingFirst: marker.utf8.count), account: .values)
        } catch {
            guard case .memory(let error) = error else {
                throw .malformed(detail: "\(action): the value says that it is Base64, and it is not")
            }
            throw .memory(error)
        }
    }

    /// Whether text fields and their editors keep it as it is. Without anything in it, some keep no field at all.
    private static func isPlain(_ value: Span<UInt8>) -> Bool {
        guard !value.isEmpty, value.isUTF8, !hasPrefix(value, marker.utf8Span.span) else { return false }
        for index in value.indices {
            let byte = value[index]
            if byte < 0x20, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\t") { return false }
        }
        return true
    }

    private static func hasPrefix(_ text: Span<UInt8>, _ start: Span<UInt8>) -> Bool {
        text.count >= start.count && text.extracting(first: start.count).equals(start)
    }

    private static func contains(_ text: Span<UInt8>, _ part: Span<UInt8>) -> Bool {
        guard text.count >= part.count else { return false }
        for place in 0...(text.count - part.count)
        where text.extracting(place..<(place + part.count)).equals(part) { return true }
        return false
    }
}
