internal import HTTP
internal import SecretMemory
internal import Secrets

/// Gets documents by their identifiers, which sees every write that was answered: one by itself, and those that are
/// asked for together in one request.
struct DocumentReader: Sendable {
    /// Most documents of one request.
    private static let maximumBatch = 64

    private let cluster: ElasticsearchCluster
    private let index: String
    private let place: SealedPlace
    private let gatherer: Gatherer<SecretName, Result<StoredDocument?, BackendError>>

    init(_ cluster: ElasticsearchCluster, index: String, place: SealedPlace, time: TimeSource) {
        self.cluster = cluster
        self.index = index
        self.place = place
        gatherer = Gatherer(limit: Self.maximumBatch, time: time) { (names) throws(BackendError) in
            let batch = Batch(cluster: cluster, index: index, place: place)
            return try await batch.documents(of: names)
        }
    }

    /// The document of a secret, whoever else asks for others.
    ///
    /// - Returns: nil where there is none.
    func find(_ name: SecretName) async throws(BackendError) -> StoredDocument? {
        try (try await gatherer.answer(to: name)).get()
    }

    /// The same, asked for by itself.
    func findNow(_ name: SecretName) async throws(BackendError) -> StoredDocument? {
        try await Batch(cluster: cluster, index: index, place: place).document(of: name)
    }

    /// What a request is put together of and its answer read with.
    private struct Batch: Sendable {
        let cluster: ElasticsearchCluster
        let index: String
        let place: SealedPlace

        func documents(
            of names: [SecretName]
        ) async throws(BackendError) -> [SecretName: Result<StoredDocument?, BackendError>] {
            if names.count > 1 {
                do throws(BackendError) { return try await several(names) } catch {
                    // Together they may be more than an answer may have.
                    guard case .malformed = error else { throw error }
                }
            }
            var found: [SecretName: Result<StoredDocument?, BackendError>] = [:]
            for name in names {
                do throws(BackendError) { found[name] = .success(try await document(of: name)) } catch {
                    found[name] = .failure(error)
                }
            }
            return found
        }

        func document(of name: SecretName) async throws(BackendError) -> StoredDocument? {
            let identifier = try DocumentIdentifier.of(name)
            let answer = try await cluster.ask(.get, "/\(index)/_doc/\(identifier)")
            if answer.refusal.isMissingDocument { return nil }
            guard answer.isSuccess else { throw answer.failure(doing: "getting document \(identifier)") }
            return try StoredDocument(answer.json.root, in: answer.json, of: name, place: place)
        }

        private func several(
            _ names: [SecretName]
        ) async throws(BackendError) -> [SecretName: Result<StoredDocument?, BackendError>] {
            let action = "getting \(names.count) documents"
            var identifiers: [String] = []
            for name in names { identifiers.append(try DocumentIdentifier.of(name)) }
            let body = try Self.body(identifiers)
            let answer = try await cluster.ask(.post, "/\(index)/_mget", body: body)
            guard answer.isSuccess else { throw answer.failure(doing: action) }
            let docs = answer.json.node("docs").map { answer.json.elements(of: $0) } ?? []
            guard docs.count == names.count else {
                throw .malformed(detail: "\(action): \(docs.count) came back")
            }
            var found: [SecretName: Result<StoredDocument?, BackendError>] = [:]
            for (place, (name, node)) in zip(names, docs).enumerated() {
                guard answer.json.string(answer.json.node("_id", in: node)) == identifiers[place] else {
                    throw .malformed(detail: "\(action): others came back, or in another order")
                }
                do throws(BackendError) {
                    found[name] = .success(try document(node, answer.json, of: name, identifiers[place]))
                } catch {
                    found[name] = .failure(error)
                }
            }
            return found
        }

        /// A document that could not be read is no missing one: a parent namespace must not answer in its place.
        private func document(
            _ node: JSONDocument.Node,
            _ json: borrowing JSONDocument,
            of name: SecretName,
            _ identifier: String
        ) throws(BackendError) -> StoredDocument? {
            if let error = json.node("error", in: node) {
                let type = ElasticsearchRefusal.type(error, json)
                throw .unavailable(detail: "document \(identifier) could not be got (\(type))")
            }
            if json.boolean(json.node("found", in: node)) == false { return nil }
            return try StoredDocument(node, in: json, of: name, place: place)
        }

        private static func body(_ identifiers: [String]) throws(BackendError) -> SharedSecret {
            try BackendError.mappingMemory { () throws(MemoryError) in
                var writer = JSONWriter()
                try writer.beginObject()
                try writer.key("ids")
                try writer.beginArray()
                for identifier in identifiers { try writer.string(identifier) }
                try writer.endArray()
                try writer.endObject()
                return SharedSecret(try writer.finish())
            }
        }
    }
}
