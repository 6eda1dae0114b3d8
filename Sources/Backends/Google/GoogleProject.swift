internal import Secrets
internal import Synchronization

/// Finds out where the secrets are, once: the project may be known to the credential, or to the machine only.
final class GoogleProject: Sendable {
    private let options: GoogleOptions
    private let credentials: GoogleCredentials
    private let metadata: MetadataServer
    private let found = Mutex<GoogleParent?>(nil)

    init(options: GoogleOptions, credentials: GoogleCredentials, metadata: MetadataServer) {
        self.options = options
        self.credentials = credentials
        self.metadata = metadata
    }

    /// The place, where it is known already.
    var known: GoogleParent? { found.withLock { $0 } }

    func parent() async throws(BackendError) -> GoogleParent {
        if let known { return known }
        let credential = try credentials.current()
        var project =
            options.project ?? credentials.text("GOOGLE_CLOUD_PROJECT") ?? credentials.text("GCLOUD_PROJECT")
            ?? credential.project
        if project == nil, case .metadata = credential.kind { project = try await metadata.project() }
        guard let project else {
            throw .denied(detail: "no project is known: set google-secret-manager.project, or GOOGLE_CLOUD_PROJECT")
        }
        let parent = GoogleParent(
            project: project,
            quotaProject: options.quotaProject ?? credentials.text("GOOGLE_CLOUD_QUOTA_PROJECT")
                ?? credential.quotaProject,
            options: options
        )
        found.withLock { $0 = parent }
        return parent
    }
}
