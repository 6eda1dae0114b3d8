internal import Configuration

/// How names stand in a manager that has one level of names only.
enum NameLayout: String, ConfigurationChoice {
    /// Tenant, namespace and key together are the name.
    case scoped
    /// A name is a key, for every tenant and in every namespace: what others wrote.
    case flat

    /// What a section says. Whoever only reads finds what others wrote.
    static func read(_ reader: ConfigurationReader, isReadOnly: Bool) -> NameLayout {
        reader.choice("layout", default: isReadOnly ? .flat : .scoped)
    }
}
