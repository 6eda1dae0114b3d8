internal import HTTP
internal import SecretMemory
internal import Secrets

extension PasswordVaultBackend {
    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        let platform = try target()
        let limit = PasswordVaultOptions.maximumValueBytes
        guard value.count <= limit else { throw .tooLarge(limit: limit) }
        let form = try TextForm.form(of: value.bytes)
        guard form.value.count <= limit else { throw .tooLarge(limit: limit) }
        guard (write.description ?? "").isEmpty else {
            throw .unsupported(detail: "accounts of CyberArk have no description")
        }
        guard let (text, safe) = options.names.account(of: write.name), let safe else {
            throw .unsupported(
                detail: """
                    the name is too long for CyberArk: an account has \(AccountNames.maximumCharacters) \
                    characters, a safe \
                    \(AccountNames.maximumSafeCharacters)
                    """
            )
        }
        let tags = options.tags.merging(write.tags) { _, chosen in chosen }
        if let unfit = tags.keys.sorted().first(where: { !Self.isProperty($0) }) {
            throw .unsupported(
                detail: """
                    a tag of CyberArk is a property of the platform, with letters, digits and underscores, and \
                    "\(unfit)" \
                    cannot be one
                    """
            )
        }
        if let account = try await search.only(write.name) {
            try await change(account, form, tags)
            return ""
        }
        let words = search.words(of: write.name)
        let body = try Self.newAccount(text, safe, platform, words, tags, form)
        let answer = try await server.ask(.post, "Accounts", body: body)
        guard let refusal = answer.refusal else { return "" }
        // Somebody else has just made it.
        guard refusal.status == 409, let account = try await search.only(write.name) else {
            throw refusal.failure(doing: "making \(text)")
        }
        try await change(account, form, tags)
        return ""
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        _ = try target()
        guard let account = try await search.only(name) else { return false }
        guard let refusal = try await server.ask(.delete, "Accounts/\(account.id)").refusal else { return true }
        // Somebody else was faster.
        if refusal.isMissing { return false }
        throw refusal.failure(doing: "deleting \(account.name)")
    }

    // MARK: Pieces

    /// The platform of new accounts.
    private func target() throws(BackendError) -> String {
        guard !options.isReadOnly else { throw .readOnly }
        guard options.names.safe != nil, let platform = options.platform else {
            throw .unsupported(detail: "cyberark: writes need safe and platform-id")
        }
        return platform
    }

    private func change(
        _ account: PasswordVaultAccount,
        _ form: SharedSecret,
        _ tags: [String: String]
    ) async throws(BackendError) {
        guard !account.isKey else {
            throw .unsupported(detail: "\(account.name) is a key for SSH in CyberArk, and only passwords are written")
        }
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            // Accounts of a group would all get this value.
            try writer.key("ChangeEntireGroup")
            try writer.boolean(false)
            try writer.key("NewCredentials")
            try form.withBytes { (bytes) throws(MemoryError) in try writer.string(bytes) }
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
        let answer = try await server.ask(.post, "Accounts/\(account.id)/Password/Update", body: body)
        if let refusal = answer.refusal { throw refusal.failure(doing: "writing \(account.name)") }
        let changed = tags.filter { name, value in account.properties[name].map { !$0.hasSameBytes(as: value) } ?? true
        }
        if !changed.isEmpty { try await note(changed, account) }
    }

    private func note(_ tags: [String: String], _ account: PasswordVaultAccount) async throws(BackendError) {
        let body = try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginArray()
            for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
                try writer.beginObject()
                let path = "/platformAccountProperties/\(name)"
                for (member, text) in [("op", "add"), ("path", path), ("value", value)] {
                    try writer.key(member)
                    try writer.string(text)
                }
                try writer.endObject()
            }
            try writer.endArray()
            return SharedSecret(try writer.finish())
        }
        let answer = try await server.ask(.patch, "Accounts/\(account.id)", body: body)
        guard let refusal = answer.refusal else { return }
        // The value is written by now, so tags that are refused are said and fail nothing.
        notices("cyberark: \(account.name) is written, and its tags are not (\(refusal.words))")
    }

    private static func newAccount(
        _ name: String,
        _ safe: String,
        _ platform: String,
        _ words: AccountSearch.Wanted.Words?,
        _ tags: [String: String],
        _ form: SharedSecret
    ) throws(BackendError) -> SharedSecret {
        var members = [("name", name), ("safeName", safe), ("platformId", platform), ("secretType", "password")]
        if let words { members += [("address", words.address), ("userName", words.user)] }
        return try BackendError.mappingMemory { () throws(MemoryError) in
            var writer = JSONWriter()
            try writer.beginObject()
            for (member, text) in members {
                try writer.key(member)
                try writer.string(text)
            }
            try writer.key("secret")
            try form.withBytes { (bytes) throws(MemoryError) in try writer.string(bytes) }
            if !tags.isEmpty {
                try writer.key("platformAccountProperties")
                try writer.beginObject()
                for (tag, text) in tags.sorted(by: { $0.key < $1.key }) {
                    try writer.key(tag)
                    try writer.string(text)
                }
                try writer.endObject()
            }
            // The vault's own manager of passwords would replace the value with one of its own making.
            try writer.key("secretManagement")
            try writer.beginObject()
            try writer.key("automaticManagementEnabled")
            try writer.boolean(false)
            try writer.key("manualManagementReason")
            try writer.string("kept by Tacit")
            try writer.endObject()
            try writer.endObject()
            return SharedSecret(try writer.finish())
        }
    }

    private static func isProperty(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || PercentEncoding.isUnreserved(byte) && ![45, 46, 126].contains(byte)
            }
    }
}
