internal import SecretMemory
internal import Secrets

/// An item has fields, and a value of ours is bytes: how one stands for the other.
///
/// An item of the category Password is its password. Any other is a JSON object of its fields, in which a subkey finds one by its
/// label; where labels repeat, those within sections are `SECTION.LABEL`.
enum ItemValue {
    static let category = "PASSWORD"
    /// The fields that the agent writes, by their ids.
    static let field = "password"
    static let notes = "notesPlain"

    /// - Returns: nil where a password item has no password.
    static func read(
        _ json: borrowing JSONDocument,
        _ category: String,
        doing action: String
    ) throws(BackendError) -> SecretBytes? {
        let fields = json.node("fields").map { json.elements(of: $0) } ?? []
        guard category == Self.category else { return try object(fields, json) }
        let password = fields.first { json.string(json.node("purpose", in: $0)) == "PASSWORD" }
        guard let password, let value = json.node("value", in: password), json.kind(value) == .string else {
            return nil
        }
        return try TextForm.read(value, in: json, doing: action)
    }

    private static func object(
        _ fields: [JSONDocument.Node],
        _ json: borrowing JSONDocument
    ) throws(BackendError) -> SecretBytes {
        var named: [(section: String, label: String, value: JSONDocument.Node)] = []
        for field in fields {
            guard let value = json.node("value", in: field), json.kind(value) != .null else { continue }
            let label = json.string(json.node("label", in: field)) ?? ""
            let section = json.string(json.node("section", "id", in: field)) ?? ""
            named.append(
                (
                    sectionName(section, json), label.isEmpty ? json.string(json.node("id", in: field)) ?? "" : label,
                    value
                )
            )
        }
        do throws(MemoryError) {
            var writer = JSONWriter(account: .values)
            try writer.beginObject()
            for field in named {
                let isRepeated = named.count { $0.label == field.label } > 1
                try writer.key(isRepeated && !field.section.isEmpty ? "\(field.section).\(field.label)" : field.label)
                let text = try json.secret(field.value)
                try writer.string(text.bytes)
            }
            try writer.endObject()
            return try writer.finish()
        } catch {
            throw .memory(error)
        }
    }

    /// The label of a section, or its id where it has none.
    private static func sectionName(_ id: String, _ json: borrowing JSONDocument) -> String {
        guard !id.isEmpty else { return "" }
        let sections = json.node("sections").map { json.elements(of: $0) } ?? []
        let found = sections.first { json.string(json.node("id", in: $0)) == id }
        let label = found.flatMap { json.string(json.node("label", in: $0)) } ?? ""
        return label.isEmpty ? id : label
    }
}
