internal import HTTP
internal import SecretMemory
internal import Secrets

extension DelineaBackend {
    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        let (folder, template) = try await target()
        guard value.count <= DelineaOptions.maximumValueBytes else {
            throw .tooLarge(limit: DelineaOptions.maximumValueBytes)
        }
        guard value.bytes.isUTF8 else {
            throw .unsupported(detail: "Secret Server keeps text, and this value is not UTF-8; encode it first")
        }
        guard value.count > 0 || !template.value.isRequired else {
            throw .unsupported(detail: "the field \(template.value.slug) of template \(template.number) is never empty")
        }
        guard let text = options.names.text(of: write.name) else {
            throw .unsupported(
                detail: "the name is too long for Secret Server: \(options.names.maximumCharacters) characters"
            )
        }
        let note = SecretNote(
            description: write.description,
            tags: options.tags.merging(write.tags) { _, chosen in chosen }
        )
        guard note.isEmpty || template.notes != nil else {
            throw .unsupported(
                detail: "template \(template.number) has no notes, in which a description or tags could be kept"
            )
        }
        if let found = try await search.only(text) {
            try await change(found, template, value, note)
            return ""
        }
        let made = try await create(text, folder, template, value, note)
        // Two who made it at the same time must not leave two of it.
        let all = try await search.named(text)
        if let first = all.first, first.id < made {
            try await remove(made, text)
            try await change(first, template, value, note)
        }
        return ""
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        _ = try await target()
        guard let text = options.names.text(of: name), let found = try await search.only(text) else { return false }
        do throws(BackendError) {
            try await remove(found.id, text)
            return true
        } catch {
            // Somebody else may have been faster, which looks like a missing right.
            guard case .forbidden = error, try await search.named(text).isEmpty else { throw error }
            return false
        }
    }

    // MARK: Pieces

    /// Where secrets are made, and of which template.
    private func target() async throws(BackendError) -> (folder: Int64, template: DelineaTemplate) {
        guard !options.isReadOnly else { throw .readOnly }
        guard let folder = options.folder, let template = try await template() else {
            throw .unsupported(detail: "delinea: writes need folder-id and secret-template-id")
        }
        if let obstacle = template.obstacle(options.fields) { throw .unsupported(detail: "delinea: \(obstacle)") }
        return (folder, template)
    }

    private func create(
        _ text: String,
        _ folder: Int64,
        _ template: DelineaTemplate,
        _ value: borrowing SecretBytes,
        _ note: SecretNote
    ) async throws(BackendError) -> Int64 {
        let body = try newSecret(text, folder, template, value, note)
        let action = "making \(text)"
        let json = try await server.ask(.post, "secrets", body: body).json(action)
        guard let id = json.integer(json.node("id")) else {
            throw .malformed(detail: "\(action) was answered without the id of the secret")
        }
        return id
    }

    private func newSecret(
        _ text: String,
        _ folder: Int64,
        _ template: DelineaTemplate,
        _ value: borrowing SecretBytes,
        _ note: SecretNote
    ) throws(BackendError) -> SharedSecret {
        do throws(MemoryError) {
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("name")
            try writer.string(text)
            for (name, number) in [("folderId", folder), ("secretTemplateId", template.number), ("siteId", 1)] {
                try writer.key(name)
                try writer.integer(number)
            }
            try writer.key("items")
            try writer.beginArray()
            try begin(template.value, in: &writer)
            try writer.string(value.bytes)
            try writer.endObject()
            if let field = template.notes, !note.isEmpty {
                let noted = try note.text()
                try begin(field, in: &writer)
                try writer.string(noted.bytes)
                try writer.endObject()
            }
            for field in template.fields {
                guard let constant = options.fields[field.slug] else { continue }
                try begin(field, in: &writer)
                try writer.string(constant)
                try writer.endObject()
            }
            try writer.endArray()
            try writer.endObject()
            return SharedSecret(try writer.finish())
        } catch {
            throw .memory(error)
        }
    }

    /// Begins the item of a field, up to its value.
    private func begin(_ field: DelineaTemplate.Field, in writer: inout JSONWriter) throws(MemoryError) {
        try writer.beginObject()
        try writer.key("fieldId")
        try writer.integer(field.id)
        try writer.key("slug")
        try writer.string(field.slug)
        try writer.key("itemValue")
    }

    /// The value, and then the note beside it, where it is to have one and nobody else's text is there.
    private func change(
        _ found: DelineaSearch.Found,
        _ template: DelineaTemplate,
        _ value: borrowing SecretBytes,
        _ note: SecretNote
    ) async throws(BackendError) {
        guard found.template == template.number else {
            throw .unsupported(
                detail: """
                    \(found.name) is of template \(found.template), and only secrets of template \(template.number) are \
                    written
                    """
            )
        }
        try await set(template.value.slug, of: found, value)
        guard !note.isEmpty, let notes = template.notes else { return }
        guard try await self.note(of: found) != nil else {
            return notices("delinea: the notes of \(found.name) are somebody else's and stay; its tags are not written")
        }
        let text = try BackendError.mappingMemory { () throws(MemoryError) in try note.text() }
        try await set(notes.slug, of: found, text)
    }

    private func set(
        _ slug: String,
        of found: DelineaSearch.Found,
        _ text: borrowing SecretBytes
    ) async throws(BackendError) {
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("value")
            try writer.string(text.bytes)
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
        // The answer holds the value, and goes as it came.
        let answer = try await server.ask(.put, Self.path(found.id, slug), body: body)
        if let refusal = answer.refusal { throw refusal.failure(doing: "writing \(slug) of \(found.name)") }
    }

    /// Secret Server keeps it as inactive; an administrator can bring it back.
    private func remove(_ id: Int64, _ text: String) async throws(BackendError) {
        let answer = try await server.ask(.delete, "secrets/\(id)")
        if let refusal = answer.refusal { throw refusal.failure(doing: "deleting \(text)") }
    }
}
