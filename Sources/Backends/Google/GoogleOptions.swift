/// What the section of the configuration says.
struct GoogleOptions: Sendable {
    /// nil: the one of the environment, of the credential, or of the machine.
    var project: String?
    /// For secrets that are kept in one region; nil for global ones.
    var location: String?
    /// Scheme, host and port of another front end of the service; nil for Google's own.
    var endpoint: String?
    /// Keeps several installations apart in one project. The vendor's product publishes no default; this one is ours.
    var prefix = "kestra"
    var isReadOnly = false
    /// Labels of everything that is written.
    var labels: [String: String] = [:]
    /// Labels that a secret must have to be seen; looked at in read-only mode.
    var filter: [String: String] = [:]
    /// How long what carries these labels is taken from the last look.
    var filterLifetime = Duration.seconds(60)
    /// Whether secrets that somebody made by hand, called like the key, are seen; in read-only mode.
    var hasFlatNames = false
    /// Whether "not allowed" is read as "not there".
    var isForbiddenMissing = false
    /// Regions that new secrets are kept in; empty: Google chooses.
    var replicaLocations: [String] = []
    var superseded = SupersededVersions.keep
    /// Who pays for the requests; nil: the one that the credential names, or its own project.
    var quotaProject: String?
    /// Whether a service account signs its tokens itself, instead of exchanging a signed statement for one.
    var signsOwnTokens = false
    /// Where credentials may be sent.
    var hosts = TrustedHosts()
}
