internal import HTTP
internal import SecretMemory
internal import Secrets

/// Accounts that a Central Credential Provider hands out to an application. It lists and writes nothing.
final class CentralCredentialsBackend: SecretBackend {
    private let options: CentralCredentialsOptions
    private let service: WebService
    private let window: RateWindow

    init(options: CentralCredentialsOptions, service: WebService, _ surroundings: ManagerSurroundings) {
        self.options = options
        self.service = service
        window = RateWindow(time: surroundings.time)
    }

    // MARK: SecretBackend

    let capabilities: BackendCapabilities = []

    /// Asks for an account that nobody has: there is no log-in, and only an answer shows whether the application is
    /// known.
    func connect() async throws(BackendError) {
        _ = try await ask(Self.probeName, in: options.names.safe(of: ""), "connecting") == nil
    }

    func close() async { service.close() }

    func place(of name: SecretName) -> String { options.names.place(of: name) }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        guard version == nil else { throw .unsupported(detail: "older versions of an account are not read") }
        guard let (text, safe) = options.names.account(of: name), Self.isPlain(text) else { return nil }
        guard let value = try await ask(text, in: safe, "reading \(text)") else { return nil }
        return FetchedSecret(value: value, version: "")
    }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        throw .unsupported(detail: "a Central Credential Provider lists nothing")
    }

    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        throw .readOnly
    }

    func delete(_ name: SecretName) async throws(BackendError) -> Bool { throw .readOnly }

    // MARK: Pieces

    private static let probeName = "tacit-connection-check"

    /// - Returns: nil where there is no such account, or the application may not see it.
    private func ask(
        _ name: String,
        in safe: String?,
        _ action: String
    ) async throws(BackendError) -> SecretBytes? {
        try window.check()
        var query = [("AppID", options.application)]
        if let safe { query.append(("Safe", safe)) }
        if let folder = options.folder { query.append(("Folder", folder)) }
        query.append(("Object", name))
        if let reason = options.reason { query.append(("Reason", reason)) }
        let text = query.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        let response = try await service.send(HTTPRequest(.get, "\(options.server)/api/Accounts?\(text)"))
        let (status, retryAfter) = (response.status, window.note(response))
        guard status == 200 else {
            let refusal = CentralCredentialsRefusal(status, try WebService.jsonIfAny(response.takeBody()))
            if refusal.isMissing { return nil }
            throw refusal.failure(retryAfter: retryAfter, doing: action)
        }
        let json = try WebService.json(response.takeBody(), doing: "\(action) (is address right?)")
        // The vault finds names in any case of their letters.
        if let found = json.string(json.node("Name")), !found.hasSameBytes(as: name) { return nil }
        if let found = json.string(json.node("Safe")), !options.names.isMeant(found, safe) { return nil }
        guard let content = json.node("Content"), json.kind(content) == .string else {
            throw .malformed(detail: "\(action) was answered without Content")
        }
        return try TextForm.read(content, in: json, doing: action)
    }

    /// Whether an account can have this name. Others would be read as further conditions or patterns, and find another
    /// one.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && !#"\/:*?"<>|;="#.utf8.contains($0) }
    }
}
