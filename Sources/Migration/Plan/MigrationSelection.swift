internal import Secrets

/// Which of the source's secrets are meant.
package struct MigrationSelection: Sendable {
    /// nil: every tenant.
    package let tenant: String?
    /// `a.b` exactly that, `a.*` one level below, `a.**` itself and all below; empty: every namespace.
    private let patterns: [NamespacePattern]
    /// What is named without a pattern; nil where something is left to the source to tell.
    let exact: [String]?

    package init(tenant: String? = nil, namespaces: [String] = []) throws(MigrationFailure) {
        if let tenant, let fault = NameRules.keyFault(tenant.utf8Span.span) {
            throw .refused("--tenant \(fault)")
        }
        var patterns: [NamespacePattern] = []
        for text in namespaces {
            do throws(PolicyFault) { patterns.append(try NamespacePattern(text)) } catch { throw .refused("\(error)") }
        }
        self.tenant = tenant
        self.patterns = patterns
        exact = namespaces.isEmpty || namespaces.contains { $0.contains("*") } ? nil : Array(Set(namespaces)).sorted()
    }

    func contains(_ name: NamespaceName) -> Bool {
        if let tenant, !tenant.hasSameBytes(as: name.tenant) { return false }
        return patterns.isEmpty || patterns.contains { $0.matches(name.namespace.utf8Span.span) }
    }
}
