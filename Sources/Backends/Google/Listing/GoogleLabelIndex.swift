internal import Secrets

/// The secrets that carry certain labels. Looking at each secret before it is read would use up what a project may ask for:
/// 600 such calls in a minute.
struct GoogleLabelIndex: Sendable {
    /// Most secrets in it.
    static let maximumCount = 50_000

    let service: GoogleService
    let filter: [String: String]

    func read(of parent: GoogleParent) async throws(BackendError) -> Set<String> {
        var found: Set<String> = []
        do throws(BackendError) {
            try await GoogleSecretPages(service: service).read(
                filter: GoogleFilter.all(labels: filter, nameContains: ""),
                of: parent
            ) { (secret) throws(BackendError) in
                guard secret.carries(filter) else { return }
                guard found.count < Self.maximumCount else {
                    throw .unsupported(
                        detail: "more than \(Self.maximumCount) secrets carry the labels of filter-on-tags"
                    )
                }
                found.insert(secret.identifier)
            }
        } catch {
            guard case .forbidden = error else { throw error }
            throw .denied(
                detail: """
                    filter-on-tags cannot be looked at: \(GoogleOperation.list.permission) is missing; grant \
                    roles/secretmanager.viewer on the project, or remove the filter
                    """
            )
        }
        return found
    }
}
