/// One secrets manager and how it is used: `kestra.secret`, or the `secret` of a scope.
package struct SecretSettings: Sendable {
    /// The manager's name, such as `vault` or `env`.
    package var type: String
    /// The manager's own section with all placeholders replaced; nil where there is none. Whoever builds the manager reads
    /// it with ``sectionReader(problems:)``.
    package var section: ConfigurationNode?
    /// The way to the section, whether it is there or not.
    package var sectionPath: ConfigurationPath
    /// What the manager reads beside its section, with all placeholders replaced: see ``ForeignSection``.
    package internal(set) var foreign: ForeignSection.Found?
    /// Where the settings were written.
    package var origin: ConfigurationOrigin
    /// Whether writing is refused.
    package var readOnly: Bool
    /// How values in the environment are written.
    package var encoding: SecretEncoding
    /// Labels for everything that is written.
    package var tags: [String: String]
    /// Labels that a secret must have to be seen; empty for all.
    package var filterTags: [String: String]
    package var cache: CacheSettings
    package var isolation: IsolationSettings
    package var budget: BudgetSettings

    /// The environment as the manager, with a cache and without isolation.
    package init(
        type: String = "env",
        section: ConfigurationNode? = nil,
        sectionPath: ConfigurationPath = .root,
        origin: ConfigurationOrigin = ConfigurationOrigin(file: "defaults"),
        readOnly: Bool = false,
        encoding: SecretEncoding = .base64,
        tags: [String: String] = [:],
        filterTags: [String: String] = [:],
        cache: CacheSettings = CacheSettings(),
        isolation: IsolationSettings = IsolationSettings(),
        budget: BudgetSettings = BudgetSettings()
    ) {
        self.type = type
        self.section = section
        self.sectionPath = sectionPath
        self.origin = origin
        self.readOnly = readOnly
        self.encoding = encoding
        self.tags = tags
        self.filterTags = filterTags
        self.cache = cache
        self.isolation = isolation
        self.budget = budget
    }

    /// Keys that every manager's section may hold and that are read here.
    package static let commonSectionKeys: SectionSchema = [
        "tags": .map,
        "filter-on-tags": .nested(["tags": .map]),
    ]

    /// A reader of the manager's section; empty where there is none. The keys of ``commonSectionKeys`` count as known.
    package func sectionReader(problems: ConfigurationProblems) -> ConfigurationReader {
        let reader =
            section.map { ConfigurationReader($0, problems: problems) }
            ?? ConfigurationReader(missingAt: sectionPath, origin: origin, problems: problems)
        reader.ignore(SecretSettings.commonSectionKeys.keys.map(\.name))
        return reader
    }

    /// A reader of what the manager reads beside its section; nil where there is nothing.
    package func foreignReader(problems: ConfigurationProblems) -> ConfigurationReader? {
        foreign.map { ConfigurationReader($0.node, problems: problems) }
    }
}

/// How secrets in environment variables are written.
package enum SecretEncoding: String, ConfigurationChoice {
    case base64
    case raw
}

/// `kestra.secret.cache`: how long values are kept.
package struct CacheSettings: Sendable, Equatable {
    package var enabled = true
    /// Entries, at least 1.
    package var maximumSize = 1000
    /// Bytes of plaintext.
    package var maximumBytes = 16 << 20
    /// The hard lifetime of a value.
    package var expireAfterWrite = Duration.seconds(60)
    /// The age from which a read starts a refresh behind itself; nil for never.
    package var refreshAfterWrite: Duration?
    /// How long beyond its lifetime a value may be served while the manager cannot be reached.
    package var serveStaleFor = Duration.zero
    /// The lifetime of "not found"; zero for none.
    package var expireNotFound = Duration.seconds(2)

    package init() {}
}

/// `kestra.secret.isolation`: which services get no secrets.
package struct IsolationSettings: Sendable, Equatable {
    package var enabled = false
    /// In force only while `enabled`.
    package var deniedServices: Set<ServiceName> = [.executor, .scheduler, .webserver]

    package init() {}

    /// The services that are denied now.
    package var denied: Set<ServiceName> { enabled ? deniedServices : [] }
}

/// The kinds of services of a Kestra installation.
package enum ServiceName: String, ConfigurationChoice {
    case executor = "EXECUTOR"
    case indexer = "INDEXER"
    case scheduler = "SCHEDULER"
    case webserver = "WEBSERVER"
    case worker = "WORKER"
    case controller = "CONTROLLER"
}
