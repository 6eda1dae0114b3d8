package import SecretMemory

/// Where placeholders and overrides find environment variables. Values are in locked memory, because a variable may hold a
/// secret.
package protocol ConfigurationEnvironment: Sendable {
    /// The value of a variable; nil where there is none.
    func value(_ name: String) throws(MemoryError) -> SharedSecret?
    /// The names that begin with one of the prefixes, in ascending order.
    func names(withPrefixes prefixes: [String]) -> [String]
}
