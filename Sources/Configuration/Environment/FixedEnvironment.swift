package import SecretMemory

/// Variables that are given, for places where the process's own must not count.
package struct FixedEnvironment: ConfigurationEnvironment, ExpressibleByDictionaryLiteral {
    private let values: [String: SharedSecret]

    package init(_ values: [String: SharedSecret]) { self.values = values }

    /// Names and values that are no secrets. A value for which there is no locked memory is left out.
    package init(dictionaryLiteral elements: (String, String)...) {
        var values: [String: SharedSecret] = [:]
        for (name, text) in elements {
            guard let value = try? SecretBytes(copying: text.utf8Span.span, account: .general) else { continue }
            values[name] = SharedSecret(value)
        }
        self.values = values
    }

    package func value(_ name: String) -> SharedSecret? { values[name] }

    package func names(withPrefixes prefixes: [String]) -> [String] {
        values.keys.filter { name in prefixes.contains { name.hasPrefix($0) } }.sorted()
    }
}
