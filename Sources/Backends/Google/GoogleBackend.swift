internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// Secrets of one project in Google Secret Manager.
final class GoogleBackend: SecretBackend {
    /// Most bytes of a value; the service has no larger ones.
    static let maximumValueBytes = 64 << 10

    let options: GoogleOptions
    let names: GoogleSecretNames
    let service: GoogleService
    let project: GoogleProject
    let notices: BackendNotices
    let listings: RecentListings
    private let labelled: TokenSource<Set<String>>

    /// Asks nobody for anything yet.
    init(
        options: GoogleOptions,
        configured: GoogleCredentials.Configured,
        web: WebService,
        surroundings: ManagerSurroundings
    ) {
        let time = surroundings.time
        let credentials = GoogleCredentials(
            configured: configured,
            environment: surroundings.environment,
            hosts: options.hosts
        )
        let metadata = MetadataServer(web: web, credentials: credentials, time: time)
        let project = GoogleProject(options: options, credentials: credentials, metadata: metadata)
        let maker = GoogleTokens(web: web, metadata: metadata, time: time, options: options)
        let tokens = TokenSource<SharedSecret>(time: time) { (_) throws(BackendError) in
            try await maker.fetch(try credentials.current())
        }
        let service = GoogleService(web: web, tokens: tokens, time: time)
        self.options = options
        self.project = project
        self.service = service
        names = GoogleSecretNames(prefix: options.prefix)
        notices = surroundings.notices
        listings = RecentListings(time: time)
        labelled = TokenSource(time: time) { (_) throws(BackendError) in
            let index = GoogleLabelIndex(service: service, filter: options.filter)
            return TokenSource.Lease(
                token: try await index.read(of: try await project.parent()),
                lifetime: options.filterLifetime
            )
        }
    }

    // MARK: SecretBackend

    var capabilities: BackendCapabilities {
        options.isReadOnly ? [.list, .versions] : [.list, .write, .versions]
    }

    func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        if let version, !GoogleVersions.isName(version) {
            throw .unsupported(detail: "versions of Google Secret Manager are numbers, aliases, or latest")
        }
        let parent = try await project.parent()
        for identifier in identifiers(of: name) where try await isVisible(identifier) {
            if let found = try await access(identifier, version: version ?? "latest", of: parent) { return found }
        }
        return nil
    }

    func place(of name: SecretName) -> String {
        guard let identifier = names.identifier(of: name) else {
            return "none: its name would have more than \(GoogleSecretNames.maximumCharacters) characters"
        }
        return project.known?.secret(identifier) ?? "secrets/\(identifier)"
    }

    func connect() async throws(BackendError) {
        let parent = try await project.parent()
        do throws(GoogleFault) {
            _ = try await service.call(.list, .get, parent.secrets, "?pageSize=1", of: parent)
        } catch {
            switch error {
            // The credential was accepted. Reading takes no right to list, so this is no failure.
            case .failed(.forbidden):
                notices(
                    "google-secret-manager: \(GoogleOperation.list.permission) is missing, or the project is unknown"
                )
            default: throw error.asBackendError
            }
        }
        if !options.filter.isEmpty { _ = try await labelled.current() }
    }

    func close() async {
        service.tokens.close()
        labelled.close()
        service.web.close()
    }

    // MARK: Reading

    /// Where a name may stand: as this side writes it, and, where that is switched on, as somebody wrote it by hand.
    private func identifiers(of name: SecretName) -> [String] {
        [names.identifier(of: name), options.hasFlatNames ? names.flatIdentifier(of: name.key) : nil]
            .compactMap { $0 }
    }

    private func isVisible(_ identifier: String) async throws(BackendError) -> Bool {
        options.filter.isEmpty ? true : try await labelled.current().contains(identifier)
    }

    private func access(
        _ identifier: String,
        version: String,
        of parent: GoogleParent
    ) async throws(BackendError) -> FetchedSecret? {
        let path = "\(parent.secret(identifier))/versions/\(version)"
        do throws(GoogleFault) {
            let document = try await service.call(.access, .get, path, ":access", of: parent)
            return try GooglePayload.read(document, path: path)
        } catch {
            switch error {
            case .notFound: return nil
            case .failed(.forbidden) where options.isForbiddenMissing: return nil
            case .precondition: throw .unsupported(detail: "the version \(version) of \(path) is disabled or destroyed")
            default: throw error.asBackendError
            }
        }
    }
}
