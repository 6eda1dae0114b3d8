internal import HTTP
internal import SecretMemory
internal import Secrets

/// Makes, changes and deletes items. A server serves from a copy of its own, so each change is waited for until readers see it.
struct ItemWriter: Sendable {
    /// The longest wait for what was written to be read.
    private static let patience = Duration.seconds(5)
    private static let firstPause = Duration.milliseconds(50)

    let service: ConnectService
    let finder: ItemFinder
    /// Of the vault; items name it.
    let vaultID: String
    let time: TimeSource

    // MARK: Making

    /// - Returns: the version.
    func create(
        _ title: String,
        _ value: borrowing SecretBytes,
        description: String?,
        tags: [String: String]
    ) async throws(BackendError) -> String {
        let body = try created(title, value, description, tags)
        let made = try await written(title, .post, "/items", body)
        var rivals: [ItemSummary] = []
        try await wait { () throws(BackendError) in
            let items = try await finder.all(title)
            rivals = items.filter { $0.id != made.id }
            // Who sees a smaller id gives way at once. Who sees larger ones waits for them to do so.
            return items.count > rivals.count && (rivals.isEmpty || rivals.contains { $0.id < made.id })
        }
        // Titles need not be unique, so another agent may have made the item at the same time. One that had looked before this
        // one showed keeps it.
        guard rivals.isEmpty else {
            _ = try await delete(made)
            throw .conflict
        }
        return "\(made.version)"
    }

    private func created(
        _ title: String,
        _ value: borrowing SecretBytes,
        _ description: String?,
        _ tags: [String: String]
    ) throws(BackendError) -> SharedSecret {
        do throws(MemoryError) {
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("vault")
            try writer.beginObject()
            try writer.key("id")
            try writer.string(vaultID)
            try writer.endObject()
            try writer.key("category")
            try writer.string(ItemValue.category)
            try writer.key("title")
            try writer.string(title)
            try writer.key("tags")
            try Self.array(ItemTags.texts(tags), &writer)
            try writer.key("fields")
            try writer.beginArray()
            try Self.field(ItemValue.field, type: "CONCEALED", purpose: "PASSWORD", &writer)
            try TextForm.write(value.bytes, to: &writer)
            try writer.endObject()
            try Self.field(ItemValue.notes, type: "STRING", purpose: "NOTES", &writer)
            try writer.string(description ?? "")
            try writer.endObject()
            try writer.endArray()
            try writer.endObject()
            return SharedSecret(try writer.finish())
        } catch {
            throw .memory(error)
        }
    }

    /// All of a field but its value, which comes next, and its end.
    private static func field(
        _ id: String,
        type: String,
        purpose: String,
        _ writer: inout JSONWriter
    ) throws(MemoryError) {
        try writer.beginObject()
        for (name, text) in [("id", id), ("type", type), ("purpose", purpose), ("label", id)] {
            try writer.key(name)
            try writer.string(text)
        }
        try writer.key("value")
    }

    // MARK: Changing

    /// Changes the value, and leaves alone what people added to the item.
    ///
    /// - Returns: the new version.
    func change(
        _ item: ItemSummary,
        _ value: borrowing SecretBytes,
        description: String?,
        tags: [String: String]
    ) async throws(BackendError) -> String {
        guard item.category == ItemValue.category else {
            throw .unsupported(
                detail: "\(item.title) is an item of the category \(item.category), which is for people to change"
            )
        }
        let body = try changed(item, value, description, tags)
        let made = try await written(item.title, .patch, "/items/\(PercentEncoding.encode(item.id))", body)
        try await wait { () throws(BackendError) in
            try await finder.all(item.title).contains { $0.id == made.id && $0.version >= made.version }
        }
        return "\(made.version)"
    }

    private func changed(
        _ item: ItemSummary,
        _ value: borrowing SecretBytes,
        _ description: String?,
        _ tags: [String: String]
    ) throws(BackendError) -> SharedSecret {
        do throws(MemoryError) {
            var writer = JSONWriter()
            try writer.beginArray()
            try Self.operation("replace", "/fields/\(ItemValue.field)/value", &writer)
            try TextForm.write(value.bytes, to: &writer)
            try writer.endObject()
            if let description {
                try Self.operation("add", "/fields/\(ItemValue.notes)/value", &writer)
                try writer.string(description)
                try writer.endObject()
            }
            if !tags.isEmpty {
                try Self.operation("add", "/tags", &writer)
                try Self.array(ItemTags.others(item.tags) + ItemTags.texts(tags), &writer)
                try writer.endObject()
            }
            try writer.endArray()
            return SharedSecret(try writer.finish())
        } catch {
            throw .memory(error)
        }
    }

    /// All of an operation but its value, which comes next, and its end.
    private static func operation(_ name: String, _ path: String, _ writer: inout JSONWriter) throws(MemoryError) {
        try writer.beginObject()
        try writer.key("op")
        try writer.string(name)
        try writer.key("path")
        try writer.string(path)
        try writer.key("value")
    }

    private static func array(_ texts: [String], _ writer: inout JSONWriter) throws(MemoryError) {
        try writer.beginArray()
        for text in texts { try writer.string(text) }
        try writer.endArray()
    }

    // MARK: Deleting

    /// For good: a server has no trash.
    ///
    /// - Returns: false where it was gone already.
    func delete(_ item: ItemSummary) async throws(BackendError) -> Bool {
        let answer = try await service.ask(.delete, "/items/\(PercentEncoding.encode(item.id))")
        guard answer.isSuccess else {
            if answer.refusal.isMissingItem { return false }
            throw answer.failure(doing: "deleting \(item.title)")
        }
        try await wait { () throws(BackendError) in try await !finder.all(item.title).contains { $0.id == item.id } }
        return true
    }

    // MARK: Pieces

    /// Sends an item, or a change of one.
    ///
    /// - Returns: the item as it now is.
    private func written(
        _ title: String,
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: SharedSecret
    ) async throws(BackendError) -> ItemSummary {
        let action = "writing \(title)"
        let answer = try await service.ask(method, path, body: body)
        guard answer.isSuccess else { throw answer.failure(doing: action) }
        guard let item = ItemSummary(answer.json.root, in: answer.json) else {
            throw .malformed(detail: "\(action): the answer is no item")
        }
        return item
    }

    /// Asks again and again, ever more seldom. The change is made in any case, so neither the end of the patience nor a failed
    /// look is a failure.
    private func wait(_ isVisible: () async throws(BackendError) -> Bool) async throws(BackendError) {
        let end = time.now().advanced(by: Self.patience)
        var pause = Self.firstPause
        while time.now() < end {
            if (try? await isVisible()) == true { return }
            do { try await time.sleep(pause) } catch { throw .unavailable(detail: "the caller gave up") }
            pause = min(pause * 2, .seconds(1))
        }
    }
}
