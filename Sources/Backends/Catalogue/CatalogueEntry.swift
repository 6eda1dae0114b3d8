package import Configuration
package import Secrets

/// A secrets manager as the configuration knows it: its name, the keys of its section, and how to make it.
package struct CatalogueEntry: Sendable {
    /// The value of `type`, and the name of its section.
    package let type: String
    /// Its keys, without those that every manager has.
    package let schema: SectionSchema
    /// What it reads beside its section; nil for nothing.
    let foreign: ForeignSection?
    /// Variables of the process that it reads by itself and that are secrets.
    let secretVariables: [String]
    /// Reads the section. What is wrong goes to the reader's problems, and what is returned then is not used.
    let read: @Sendable (SecretSettings, ConfigurationReader) -> ReadyManager

    init(
        type: String,
        schema: SectionSchema,
        foreign: ForeignSection? = nil,
        secretVariables: [String] = [],
        read: @escaping @Sendable (SecretSettings, ConfigurationReader) -> ReadyManager
    ) {
        self.type = type
        self.schema = schema
        self.foreign = foreign
        self.secretVariables = secretVariables
        self.read = read
    }
}

/// A manager whose section has been read.
package struct ReadyManager: Sendable {
    /// Files with secrets that it reads when it is made: candidates for deletion after the start.
    package var files: [String] = []
    /// What will fail when it is connected, or should be done better.
    package var warnings: [String] = []
    /// Makes the manager of one scope. Nothing is opened or asked by this; that is for ``SecretBackend/connect()``.
    package let make: @Sendable (ManagerSurroundings) throws(CatalogueError) -> any SecretBackend
}

/// What a manager gets from the process it lives in.
package struct ManagerSurroundings: Sendable {
    /// The variables of the process.
    package let environment: any ConfigurationEnvironment
    /// Is told what an operator should know.
    package let notices: BackendNotices
    let time: TimeSource
    let purpose: ManagerPurpose

    package init(
        environment: any ConfigurationEnvironment,
        notices: @escaping BackendNotices = { _ in },
        time: TimeSource = .system,
        purpose: ManagerPurpose = .serving
    ) {
        self.environment = environment
        self.notices = notices
        self.time = time
        self.purpose = purpose
    }
}

/// What a manager is made for.
package enum ManagerPurpose: Sendable {
    /// Whatever is asked.
    case serving
    /// Reading: to open it makes nothing and changes nothing.
    case reading
    /// Reading, where something that would be made at the first write is not missed: there is nothing in it.
    case rehearsing
}
