internal import HTTP
internal import SecretMemory
internal import Secrets

extension DelineaBackend {
    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        guard version == nil else { throw .unsupported(detail: "Secret Server has no versions of a secret") }
        guard let text = options.names.text(of: name), let found = try await search.only(text) else { return nil }
        do throws(BackendError) {
            return FetchedSecret(value: try await value(of: found), version: "")
        } catch {
            // What was deleted in between looks like what may not be read.
            guard case .forbidden = error, try await search.named(text).isEmpty else { throw error }
            return nil
        }
    }

    private func value(of found: DelineaSearch.Found) async throws(BackendError) -> SecretBytes {
        if let slug = options.valueField { return try await field(slug, of: found) }
        if found.template == options.template, let template = try await template() {
            return try await field(template.value.slug, of: found)
        }
        return try await fields(of: found)
    }

    /// One field, as its text or as the file that it is.
    private func field(_ slug: String, of found: DelineaSearch.Found) async throws(BackendError) -> SecretBytes {
        let action = "reading \(slug) of \(found.name)"
        let answer = try await server.ask(.get, Self.path(found.id, slug) + Self.noCheckout)
        if answer.refusal == nil, answer.contentType.hasPrefix("application/octet-stream") {
            return try BackendError.mappingMemory { () throws(MemoryError) in try answer.body.copy() }
        }
        let json = try answer.json(action)
        guard json.kind(json.root) == .string else { throw .malformed(detail: "\(action) was answered with no text") }
        return try BackendError.mappingMemory { () throws(MemoryError) in try json.secret(json.root) }
    }

    /// All fields but files, as an object in which a subkey finds one.
    private func fields(of found: DelineaSearch.Found) async throws(BackendError) -> SecretBytes {
        let action = "reading \(found.name)"
        let json = try await server.ask(.get, "secrets/\(found.id)\(Self.noCheckout)").json(action)
        guard let items = json.node("items"), json.kind(items) == .array else {
            throw .malformed(detail: "\(action) was answered without items")
        }
        var writer = JSONWriter()
        try BackendError.mappingMemory { () throws(MemoryError) in try writer.beginObject() }
        for item in json.elements(of: items) {
            guard let slug = json.string(json.node("slug", in: item)), let value = json.node("itemValue", in: item),
                json.boolean(json.node("isFile", in: item)) != true
            else { continue }
            // Passwords are not in the object in all versions, and something else may stand in their place.
            let isPassword = json.boolean(json.node("isPassword", in: item)) == true
            guard isPassword || json.kind(value) == .string else { continue }
            let text =
                isPassword
                ? try await field(slug, of: found)
                : try BackendError.mappingMemory { () throws(MemoryError) in try json.secret(value, account: .http) }
            try BackendError.mappingMemory { () throws(MemoryError) in
                try writer.key(slug)
                try writer.string(text.bytes)
            }
        }
        do throws(MemoryError) {
            try writer.endObject()
            return try writer.finish().copy()
        } catch {
            throw .memory(error)
        }
    }

    /// A secret that has to be checked out is refused, and not taken from whoever works with it.
    private static let noCheckout = "?noAutoCheckout=true"
}
