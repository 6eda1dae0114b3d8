internal import HTTP
internal import SecretMemory
internal import Secrets

extension BeyondTrustBackend {
    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        let folder = try target()
        let limit = BeyondTrustOptions.maximumTextCharacters
        guard value.bytes.isUTF8 else {
            throw .unsupported(detail: "Secrets Safe keeps text, and this value is not UTF-8; encode it first")
        }
        guard Self.characters(value.bytes) <= limit else { throw .tooLarge(limit: limit) }
        guard value.count > 0 else { throw .unsupported(detail: "a secret of Secrets Safe is never empty") }
        guard let title = options.names.text(of: write.name) else {
            throw .unsupported(
                detail: "the name is too long for Secrets Safe: \(options.names.maximumCharacters) characters"
            )
        }
        guard (write.description ?? "").utf16.count <= BeyondTrustOptions.maximumDescriptionCharacters else {
            throw .unsupported(
                detail: "the description has more than \(BeyondTrustOptions.maximumDescriptionCharacters) characters"
            )
        }
        let tags = options.tags.merging(write.tags) { _, chosen in chosen }
        if try await change(title, folder, value, write.description, tags) { return "" }
        let made = try await create(title, folder, value, write.description, tags)
        // Two who made it at the same time must not leave two of it.
        let json = try await titled(title, decrypted: false)
        if let first = try records(title, in: json).first, first.id != made {
            try await remove(made, title)
            _ = try await change(title, folder, value, write.description, tags)
        }
        return ""
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        _ = try target()
        guard let title = options.names.text(of: name) else { return false }
        let json = try await titled(title, decrypted: false)
        guard let record = try only(title, in: json) else { return false }
        return try await remove(record.id, title)
    }

    // MARK: Pieces

    /// The folder that secrets are made in.
    private func target() throws(BackendError) -> String {
        guard !options.isReadOnly else { throw .readOnly }
        guard let folder = options.folder else { throw .unsupported(detail: "beyondtrust: writes need folder-id") }
        return folder
    }

    private func create(
        _ title: String,
        _ folder: String,
        _ value: borrowing SecretBytes,
        _ description: String?,
        _ tags: [String: String]
    ) async throws(BackendError) -> String {
        let action = "making \(title)"
        let owner =
            if let group = options.ownerGroup { ("GroupId", group) } else { ("UserId", try await server.user()) }
        let body = try Self.body(title, folder, value, description, try Self.noteText(tags)) {
            (writer) throws(MemoryError) in
            try writer.key("Owners")
            try writer.beginArray()
            try writer.beginObject()
            try writer.key(owner.0)
            try writer.integer(owner.1)
            try writer.endObject()
            try writer.endArray()
        }
        let json = try await server.ask(.post, "folders/\(folder)/secrets/text?\(Self.version)", body: body).json(
            action
        )
        guard let id = json.string(json.node("Id")), BeyondTrustRecord.isID(id) else {
            throw .malformed(detail: "\(action) was answered without the id of the secret")
        }
        return id
    }

    /// Replaces the one secret of a title, with everything of it that is not being written as it was.
    ///
    /// - Returns: false where there is none.
    private func change(
        _ title: String,
        _ folder: String,
        _ value: borrowing SecretBytes,
        _ description: String?,
        _ tags: [String: String]
    ) async throws(BackendError) -> Bool {
        let json = try await titled(title, decrypted: false)
        guard let record = try only(title, in: json) else { return false }
        guard record.kind == .text else {
            throw .unsupported(detail: "\(title) is a credential or a file in Secrets Safe, and only texts are written")
        }
        let isForeign = try record.note(in: json) == nil
        if isForeign, !tags.isEmpty {
            notices("beyondtrust: the notes of \(title) are somebody else's and stay; its tags are not written")
        }
        let note = isForeign ? nil : try Self.noteText(tags)
        let (owners, urls) = (json.node("Owners", in: record.node), json.node("Urls", in: record.node))
        let kept = note == nil ? json.node("Notes", in: record.node) : nil
        let body = try Self.body(title, folder, value, description ?? record.description(in: json), note) {
            (writer) throws(MemoryError) in
            for (name, node) in [("Owners", owners), ("Urls", urls)] {
                guard let node, json.kind(node) == .array else { continue }
                let array = try json.secret(node, account: .http)
                try writer.key(name)
                try writer.json(array.bytes)
            }
            guard let kept, json.kind(kept) == .string else { return }
            let text = try json.secret(kept, account: .http)
            try writer.key("Notes")
            try writer.string(text.bytes)
        }
        let answer = try await server.ask(.put, "secrets/\(record.id)/text?\(Self.version)", body: body)
        if let refusal = answer.refusal { throw refusal.failure(doing: "writing \(title)") }
        return true
    }

    /// - Returns: false where somebody else was faster.
    @discardableResult
    private func remove(_ id: String, _ title: String) async throws(BackendError) -> Bool {
        guard let refusal = try await server.ask(.delete, "secrets/\(id)").refusal else { return true }
        if refusal.status == 404 { return false }
        throw refusal.failure(doing: "deleting \(title)")
    }

    private static func body(
        _ title: String,
        _ folder: String,
        _ value: borrowing SecretBytes,
        _ description: String?,
        _ note: SharedSecret?,
        _ more: (inout JSONWriter) throws(MemoryError) -> Void
    ) throws(BackendError) -> SharedSecret {
        do throws(MemoryError) {
            var writer = JSONWriter()
            try writer.beginObject()
            for (name, text) in [("Title", title), ("FolderId", folder), ("Description", description ?? "")] {
                try writer.key(name)
                try writer.string(text)
            }
            try writer.key("Text")
            try writer.string(value.bytes)
            if let note {
                try writer.key("Notes")
                try note.withBytes { (bytes) throws(MemoryError) in try writer.string(bytes) }
            }
            try more(&writer)
            try writer.endObject()
            return SharedSecret(try writer.finish())
        } catch {
            throw .memory(error)
        }
    }

    /// The text that tags are noted as.
    ///
    /// - Returns: nil where there are none.
    private static func noteText(_ tags: [String: String]) throws(BackendError) -> SharedSecret? {
        guard !tags.isEmpty else { return nil }
        let text = try BackendError.mappingMemory { () throws(MemoryError) in
            SharedSecret(try SecretNote(tags: tags).text())
        }
        guard text.withBytes({ characters($0) }) <= BeyondTrustOptions.maximumNotesCharacters else {
            throw .unsupported(
                detail: "the tags need more than the \(BeyondTrustOptions.maximumNotesCharacters) characters of notes"
            )
        }
        return text
    }

    /// Characters of a text in UTF-8, as servers of this kind count them: a rare one counts as two.
    private static func characters(_ text: Span<UInt8>) -> Int {
        var count = 0
        for index in text.indices where text[index] & 0xc0 != 0x80 { count += text[index] >= 0xf0 ? 2 : 1 }
        return count
    }
}
