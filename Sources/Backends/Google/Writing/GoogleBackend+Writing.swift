internal import HTTP
internal import SecretMemory
internal import Secrets

extension GoogleBackend {
    /// Tries where others write the same secret at the same time.
    private static let maximumRounds = 4

    /// The secret and its labels come first and the value last, so that nobody sees a value without its labels, and a write
    /// that was cut short left everything as it was.
    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        guard !options.isReadOnly else { throw .readOnly }
        guard value.count <= Self.maximumValueBytes else { throw .tooLarge(limit: Self.maximumValueBytes) }
        guard let identifier = names.identifier(of: write.name) else {
            let limit = GoogleSecretNames.maximumCharacters
            throw .unsupported(detail: "the secret's name in Google would have more than \(limit) characters")
        }
        let wanted = try GoogleMetadata(of: write, options)
        let body = try BackendError.mappingMemory { () throws(MemoryError) in try GooglePayload.body(value.bytes) }
        let parent = try await project.parent()
        defer { listings.forget() }
        for _ in 0..<Self.maximumRounds {
            guard try await prepare(identifier, wanted, of: parent) else { continue }
            if let version = try await addVersion(identifier, body, of: parent) {
                await retire(before: version, of: identifier, parent)
                return version
            }
        }
        throw .conflict
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool {
        guard !options.isReadOnly else { throw .readOnly }
        guard let identifier = names.identifier(of: name) else { return false }
        let parent = try await project.parent()
        defer { listings.forget() }
        do throws(GoogleFault) {
            _ = try await service.call(.delete, .delete, parent.secret(identifier), of: parent)
            return true
        } catch {
            if error == .notFound { return false }
            throw error.asBackendError
        }
    }

    // MARK: Steps

    /// Makes the secret, or puts what is wanted beside it.
    ///
    /// - Returns: false where somebody else was at it, and all must be looked at again.
    private func prepare(
        _ identifier: String,
        _ wanted: GoogleMetadata,
        of parent: GoogleParent
    ) async throws(BackendError) -> Bool {
        let path = parent.secret(identifier)
        do throws(GoogleFault) {
            let document = try await service.call(.describe, .get, path, of: parent)
            guard let secret = ListedSecret(document, document.root) else {
                throw .failed(.malformed(detail: "looking at \(path) was answered with something that is no secret"))
            }
            guard let change = wanted.change(of: secret) else { return true }
            let body = try Self.body { (json) throws(MemoryError) in try change.write(to: &json) }
            _ = try await service.call(.update, .patch, path, "?updateMask=labels,annotations", body: body, of: parent)
            return true
        } catch {
            switch error {
            case .notFound: return try await create(identifier, wanted, of: parent)
            // A stale etag is said in two ways.
            case .aborted, .precondition: return false
            default: throw error.asBackendError
            }
        }
    }

    private func create(
        _ identifier: String,
        _ wanted: GoogleMetadata,
        of parent: GoogleParent
    ) async throws(BackendError) -> Bool {
        do throws(GoogleFault) {
            let body = try Self.body { (json) throws(MemoryError) in try wanted.writeSecret(to: &json) }
            _ = try await service.call(
                .create,
                .post,
                parent.secrets,
                "?secretId=\(identifier)",
                body: body,
                of: parent
            )
            return true
        } catch {
            switch error {
            case .alreadyExists, .aborted: return false
            case .precondition(let detail):
                throw .unsupported(
                    detail: "\(detail): a policy of the organisation, perhaps about locations; see replica-locations"
                )
            default: throw error.asBackendError
            }
        }
    }

    /// - Returns: the new version's number; nil where the secret has gone.
    private func addVersion(
        _ identifier: String,
        _ body: SharedSecret,
        of parent: GoogleParent
    ) async throws(BackendError) -> String? {
        let path = parent.secret(identifier)
        do throws(GoogleFault) {
            let document = try await service.call(.addVersion, .post, path, ":addVersion", body: body, of: parent)
            guard let version = GoogleVersions.number(document.string(document.node("name"))) else {
                throw .failed(.malformed(detail: "writing \(path) was answered with something that is no version"))
            }
            return version
        } catch {
            if error == .notFound { return nil }
            throw error.asBackendError
        }
    }

    /// Disables or destroys the version before, where that is wanted. The value is written already, so what fails here is
    /// said and nothing more.
    private func retire(before version: String, of identifier: String, _ parent: GoogleParent) async {
        guard options.superseded != .keep, let number = Int64(version), number > 1 else { return }
        let operation: GoogleOperation = options.superseded == .disable ? .disable : .destroy
        let path = "\(parent.secret(identifier))/versions/\(number - 1)"
        do throws(GoogleFault) {
            let body = try Self.body { (json) throws(MemoryError) in
                try json.beginObject()
                try json.endObject()
            }
            _ = try await service.call(
                operation,
                .post,
                path,
                ":\(options.superseded.rawValue)",
                body: body,
                of: parent
            )
        } catch {
            switch error {
            // It is gone already, or was destroyed before.
            case .notFound, .precondition: break
            default: notices("google-secret-manager: the version before remains: \(error.asBackendError)")
            }
        }
    }

    private static func body(
        _ write: (inout JSONWriter) throws(MemoryError) -> Void
    ) throws(GoogleFault) -> SharedSecret {
        do throws(MemoryError) {
            var json = JSONWriter()
            try write(&json)
            return SharedSecret(try json.finish())
        } catch {
            throw .failed(.memory(error))
        }
    }
}
