internal import Secrets

/// A template of secrets: which of its fields is the value, and which can hold a note.
struct DelineaTemplate: Sendable {
    struct Field: Sendable {
        let id: Int64
        /// Its name in addresses.
        let slug: String
        let isPassword: Bool
        let isNotes: Bool
        let isFile: Bool
        let isRequired: Bool
    }

    let number: Int64
    let fields: [Field]
    let value: Field
    /// nil: its secrets have no description and no tags.
    let notes: Field?

    init(_ number: Int64, _ document: borrowing JSONDocument, valueField: String?) throws(BackendError) {
        let listed = document.node("fields").map { document.elements(of: $0) } ?? []
        var fields: [Field] = []
        for node in listed {
            guard let id = document.integer(document.node("secretTemplateFieldId", in: node)),
                let slug = document.string(document.node("fieldSlugName", in: node)), !slug.isEmpty
            else { continue }
            let flag = { (name: String, document: borrowing JSONDocument) in
                document.boolean(document.node(name, in: node)) ?? false
            }
            fields.append(
                Field(
                    id: id,
                    slug: slug,
                    isPassword: flag("isPassword", document),
                    isNotes: flag("isNotes", document),
                    isFile: flag("isFile", document),
                    isRequired: flag("isRequired", document)
                )
            )
        }
        self.number = number
        self.fields = fields
        guard let value = Self.value(fields, valueField) else {
            throw .malformed(
                detail: valueField.map { "template \(number) has no field \($0): see value-field" }
                    ?? "which field of template \(number) is the value is not clear: say it with value-field"
            )
        }
        self.value = value
        notes = fields.first { $0.isNotes && $0.slug != value.slug }
    }

    /// Why no secret can be made of it; nil where one can.
    func obstacle(_ texts: [String: String]) -> String? {
        if value.isFile { return "the field \(value.slug) of template \(number) is a file, which is not written" }
        if let unknown = texts.keys.sorted().first(where: { slug in !fields.contains { $0.slug == slug } }) {
            return "template \(number) has no field \(unknown): see fields"
        }
        if let taken = [value.slug, notes?.slug].compactMap({ $0 }).first(where: { texts[$0] != nil }) {
            return "the field \(taken) of template \(number) is the agent's own, and cannot be under fields"
        }
        let missing = fields.filter { $0.isRequired && $0.slug != value.slug && (texts[$0.slug] ?? "").isEmpty }
        guard !missing.isEmpty else { return nil }
        return """
            template \(number) requires more than the value: give \(missing.map(\.slug).joined(separator: ", ")) under fields
            """
    }

    private static func value(_ fields: [Field], _ chosen: String?) -> Field? {
        if let chosen { return fields.first { $0.slug == chosen } }
        for slug in ["value", "password"] {
            if let field = fields.first(where: { $0.slug == slug }) { return field }
        }
        let passwords = fields.filter { $0.isPassword && !$0.isFile }
        return passwords.count == 1 ? passwords[0] : nil
    }
}
