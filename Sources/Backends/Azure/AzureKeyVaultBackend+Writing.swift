internal import SecretMemory
internal import Secrets

extension AzureKeyVaultBackend {
    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        guard !options.isReadOnly else { throw .readOnly }
        guard let own = try naming.vaultName(of: write.name) else {
            throw .unsupported(detail: "a name with a zero byte cannot be kept in Azure Key Vault")
        }
        let tags = try SecretTags(for: write, prefix: naming.prefix, defaults: options.tags)
        let body = try body(value, tags)
        let listing = try listing()
        defer { listing.forget() }
        let changes = SecretChange(vault: try vault(), time: time)
        let answer = try await changes.put(own, body, for: write.name.key)
        let action = "writing \(write.name.key) (\(own) in the vault)"
        guard answer.isSuccess else { throw answer.error(doing: action, isWrite: true) }
        if let secret = answer.secret, secret.hasName(own), !secret.version.isEmpty { return secret.version }
        throw .malformed(detail: "\(action): the answer does not name the new version")
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard !options.isReadOnly else { throw .readOnly }
        guard let own = try naming.vaultName(of: name) else { return false }
        let listing = try listing()
        defer { listing.forget() }
        let answer = try await SecretChange(vault: try vault(), time: time).delete(own)
        if answer.isSuccess { return true }
        // While it is being deleted it is no longer there for anybody.
        if [.missing, .deleted, .beingDeleted].contains(answer.refusal) { return false }
        throw answer.error(doing: "deleting \(name.key) (\(own) in the vault)", isWrite: true)
    }

    private func body(_ value: borrowing SecretBytes, _ tags: SecretTags) throws(BackendError) -> SharedSecret {
        let form = StoredForm(of: value.bytes)
        guard value.count <= form.limit else { throw .tooLarge(limit: form.limit) }
        do throws(MemoryError) {
            var writer = JSONWriter()
            try writer.beginObject()
            try writer.key("value")
            switch form {
            case .text: try writer.string(value.bytes)
            case .bytes: try writer.base64(value.bytes)
            }
            try writer.key("contentType")
            try writer.string(form.contentType)
            try writer.key("tags")
            try writer.beginObject()
            for (name, text) in tags.all.sorted(by: { $0.key < $1.key }) {
                try writer.key(name)
                try writer.string(text)
            }
            try writer.endObject()
            try writer.endObject()
            return SharedSecret(try writer.finish())
        } catch {
            throw .memory(error)
        }
    }
}
