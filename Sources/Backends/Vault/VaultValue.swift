internal import SecretMemory
internal import Secrets

/// A KV secret is a map of fields, and a value of ours is bytes: how one stands for the other.
///
/// A map with the one field `value`, a text, is that text; one with the one field `value_base64` is the bytes it says. Any other
/// map is its own compact JSON, in which a subkey finds a field.
enum VaultValue {
    private static let textField = "value"
    private static let bytesField = "value_base64"

    /// The value of a map.
    static func read(_ map: JSONDocument.Node, in json: borrowing JSONDocument) throws(BackendError) -> SecretBytes {
        var node = map
        if let only = json.onlyMember(of: map), json.kind(only.value) == .string {
            if only.name == textField { node = only.value }
            if only.name == bytesField {
                do throws(Base64.Failure) { return try json.base64(only.value) } catch {
                    guard case .memory(let error) = error else {
                        throw .malformed(detail: "the field \(bytesField) is not Base64")
                    }
                    throw .memory(error)
                }
            }
        }
        do throws(MemoryError) { return try json.secret(node) } catch { throw .memory(error) }
    }

    /// Writes the map of a value.
    static func write(_ value: borrowing SecretBytes, to writer: inout JSONWriter) throws(MemoryError) {
        try writer.beginObject()
        if value.bytes.isUTF8 {
            try writer.key(textField)
            try writer.string(value.bytes)
        } else {
            try writer.key(bytesField)
            try writer.base64(value.bytes)
        }
        try writer.endObject()
    }
}
