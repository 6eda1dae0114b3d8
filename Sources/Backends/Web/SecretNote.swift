internal import SecretMemory
internal import Secrets

/// A description and tags, for managers that have nothing for them but a field of notes: the object
/// `{"kestra":1,"description":"...","tags":{...}}` as its text. Any other text is somebody else's: it may hold a secret, so
/// it is shown to nobody, and stays as it is.
struct SecretNote: Sendable, Equatable {
    private static let mark = "kestra"
    private static let form: Int64 = 1

    var description: String?
    var tags: [String: String]

    init(description: String? = nil, tags: [String: String] = [:]) {
        self.description = description.flatMap { $0.isEmpty ? nil : $0 }
        self.tags = tags
    }

    var isEmpty: Bool { description == nil && tags.isEmpty }

    /// Reads the text of a field.
    ///
    /// - Returns: nil where somebody else wrote it.
    static func read(
        _ node: JSONDocument.Node?,
        in document: borrowing JSONDocument
    ) throws(BackendError) -> SecretNote? {
        guard let node, document.kind(node) == .string else { return SecretNote() }
        let text = try BackendError.mappingMemory { () throws(MemoryError) in try document.secret(node, account: .http)
        }
        if text.count == 0 { return SecretNote() }
        guard let note = try? JSONDocument(text), note.integer(note.node(mark)) == form else { return nil }
        var tags: [String: String] = [:]
        if let written = note.node("tags") {
            for (name, value) in note.members(of: written) { tags[name] = note.string(value) }
        }
        return SecretNote(description: note.string(note.node("description")), tags: tags)
    }

    /// The text to write.
    func text() throws(MemoryError) -> SecretBytes {
        var writer = JSONWriter()
        try writer.beginObject()
        try writer.key(Self.mark)
        try writer.integer(Self.form)
        if let description {
            try writer.key("description")
            try writer.string(description)
        }
        try writer.key("tags")
        try writer.beginObject()
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            try writer.key(name)
            try writer.string(value)
        }
        try writer.endObject()
        try writer.endObject()
        return try writer.finish()
    }
}
