internal import HTTP
internal import SecretMemory
internal import Secrets

/// Reads values: one by itself, and those that are asked for together with one download.
struct DopplerReader: Sendable {
    /// Most names in one download, so that its URL stays below the 8 KiB that servers take.
    static let maximumBatch = 32

    private enum Found: Sendable {
        case value(SharedSecret)
        case none
        /// The download does not tell; it has to be asked for by itself.
        case alone
    }

    private let service: DopplerService
    private let gatherer: Gatherer<String, Found>

    init(_ service: DopplerService, time: TimeSource) {
        self.service = service
        gatherer = Gatherer(limit: Self.maximumBatch, time: time) { (names) throws(BackendError) in
            guard names.count == 1, let name = names.first else { return try await Self.download(names, service) }
            guard let value = try await Self.one(name, service) else { return [name: .none] }
            return [name: .value(SharedSecret(value))]
        }
    }

    /// - Returns: nil where Doppler says that there is no such secret.
    func read(_ name: String) async throws(BackendError) -> SecretBytes? {
        switch try await gatherer.answer(to: name) {
        case .none: return nil
        case .value(let secret):
            return try BackendError.mappingMemory { () throws(MemoryError) in try secret.value.copy() }
        case .alone: return try await Self.one(name, service)
        }
    }

    private static func one(_ name: String, _ service: DopplerService) async throws(BackendError) -> SecretBytes? {
        let action = "reading \(name)"
        let answer = try await service.ask(.get, "configs/config/secret", [("name", name)])
        guard answer.isSuccess else {
            if answer.refusal.isMissingSecret { return nil }
            throw answer.failure(doing: action)
        }
        guard let value = answer.json.node("value"), answer.json.kind(value) == .object else {
            throw .malformed(detail: "\(action): the answer has no value")
        }
        // Computed: with references to other secrets put in.
        if let computed = answer.json.node("computed", in: value), answer.json.kind(computed) == .string {
            return try TextForm.read(computed, in: answer.json, doing: action)
        }
        // A secret that is there and hidden has a visibility; one that is not there has nothing at all.
        let isHidden = ["computedVisibility", "rawVisibility"].contains { member in
            answer.json.string(answer.json.node(member, in: value)) != nil
        }
        guard !isHidden else {
            throw .forbidden(detail: "\(action): its visibility is restricted, and the token may not see it")
        }
        return nil
    }

    /// Never with `include_dynamic_secrets`: that would make leases.
    private static func download(
        _ names: [String],
        _ service: DopplerService
    ) async throws(BackendError) -> [String: Found] {
        let action = "reading \(names.count) secrets"
        let answer = try await service.ask(
            .get,
            "configs/config/secrets/download",
            [("format", "json"), ("secrets", names.joined(separator: ","))]
        )
        guard answer.isSuccess else {
            if answer.refusal.isMissingSecret { return Dictionary(uniqueKeysWithValues: names.map { ($0, .alone) }) }
            throw answer.failure(doing: action)
        }
        guard answer.json.kind(answer.json.root) == .object else {
            throw .malformed(detail: "\(action): the answer is no list of values")
        }
        var found: [String: Found] = [:]
        for name in names {
            guard let node = answer.json.node(name) else {
                found[name] = Found.none
                continue
            }
            guard answer.json.kind(node) == .string else {
                found[name] = .alone
                continue
            }
            found[name] = .value(SharedSecret(try TextForm.read(node, in: answer.json, doing: action)))
        }
        return found
    }
}
