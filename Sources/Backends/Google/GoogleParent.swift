/// Where the secrets of a project are: what all paths begin with.
struct GoogleParent: Sendable, Equatable {
    /// Scheme, host and port.
    let origin: String
    /// `projects/PROJECT` or `projects/PROJECT/locations/LOCATION`.
    let path: String
    /// Who pays for the requests, where that is not the credential's own project.
    let quotaProject: String?

    init(project: String, quotaProject: String?, options: GoogleOptions) {
        let host = options.location.map { "secretmanager.\($0).rep" } ?? "secretmanager"
        origin = options.endpoint ?? "https://\(host).\(options.hosts.universe)"
        // Projects of some organisations have a domain in front: `example.com:project`.
        let project = PercentEncoding.encode(project, keeping: ":")
        path = "projects/\(project)" + (options.location.map { "/locations/\($0)" } ?? "")
        self.quotaProject = quotaProject
    }

    /// The path of all secrets.
    var secrets: String { "\(path)/secrets" }

    /// The path of one secret.
    func secret(_ identifier: String) -> String { "\(secrets)/\(identifier)" }
}
