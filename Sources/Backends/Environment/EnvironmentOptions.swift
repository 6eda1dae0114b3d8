package import Configuration

/// How secrets are read from the environment and from files of its form.
package struct EnvironmentOptions: Sendable {
    /// What every variable with a secret begins with.
    package static let prefix = "SECRET_"

    /// How values are written.
    package var encoding: SecretEncoding = .base64
    /// Files of lines `SECRET_NAME=VALUE`, read in this order; a later one wins over an earlier one, and the process's own
    /// environment over all of them.
    package var files: [String] = []
    /// Whether files may hold `{{ "text" | base64encode }}` in place of a value.
    package var allowsMacros = true
    /// Keys that only some namespaces may read. A key that is not named is there for all.
    package var namespaces: [String: [String]] = [:]

    package init() {}
}
