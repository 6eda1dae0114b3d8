@testable import Secrets

/// Documents of the tests are no secrets, so they may be ordinary bytes.
enum JSONText {
    /// The field's value as bytes; checks that as many were written as were announced.
    static func field(_ name: String, of document: [UInt8]) throws(JSONField.Failure) -> [UInt8] {
        let field = try JSONField(name.utf8Span.span, in: document.span)
        return [UInt8](capacity: field.byteCount) { output in field.write(from: document.span, into: &output) }
    }

    static func field(_ name: String, of document: String) throws(JSONField.Failure) -> String {
        String(decoding: try field(name, of: Array(document.utf8)), as: UTF8.self)
    }

    /// Whether the document is a JSON object.
    static func isObject(_ document: [UInt8]) -> Bool {
        do throws(JSONField.Failure) {
            _ = try field("\u{1}no such field\u{1}", of: document)
            return true
        } catch {
            return error == .missing
        }
    }
}
