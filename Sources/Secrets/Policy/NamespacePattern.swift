/// Which namespaces a rule is about: `a.b` exactly that, `a.*` one level below, `a.**` `a` and all below it, `**` everything.
package struct NamespacePattern: Sendable, Equatable {
    enum Reach: Sendable { case exact, oneBelow, subtree, everything }

    package let text: String
    private let base: [UInt8]
    private let reach: Reach

    /// Every namespace.
    static let everything = NamespacePattern(text: "**", base: [], reach: .everything)

    private init(text: String, base: [UInt8], reach: Reach) {
        self.text = text
        self.base = base
        self.reach = reach
    }

    package init(_ text: String) throws(PolicyFault) {
        self.text = text
        let bytes = Array(text.utf8)
        if bytes == Array("**".utf8) {
            (base, reach) = ([], .everything)
        } else if bytes.suffix(3) == Array(".**".utf8)[...] {
            (base, reach) = (bytes.dropLast(3), .subtree)
        } else if bytes.suffix(2) == Array(".*".utf8)[...] {
            (base, reach) = (bytes.dropLast(2), .oneBelow)
        } else {
            (base, reach) = (bytes, .exact)
        }
        if base.contains(UInt8(ascii: "*")) {
            throw PolicyFault("the namespace \"\(text)\" has a * inside: only a.*, a.** and ** are patterns")
        }
        if base.isEmpty, reach == .subtree || reach == .oneBelow {
            throw PolicyFault("the namespace \"\(text)\" begins with a dot: write ** for everything")
        }
        if reach != .everything, let fault = NameRules.namespaceFault(base.span) {
            throw PolicyFault("the namespace \"\(text)\" \(fault)")
        }
    }

    package func matches(_ namespace: Span<UInt8>) -> Bool {
        switch reach {
        case .everything: true
        case .exact: namespace.count == base.count && begins(namespace)
        case .subtree: begins(namespace) && (namespace.count == base.count || isBelow(namespace))
        case .oneBelow: begins(namespace) && isBelow(namespace) && hasNoDot(namespace, from: base.count + 1)
        }
    }

    private func isBelow(_ namespace: Span<UInt8>) -> Bool {
        namespace.count > base.count + 1 && namespace[base.count] == UInt8(ascii: ".")
    }

    private func begins(_ namespace: Span<UInt8>) -> Bool {
        guard namespace.count >= base.count else { return false }
        for index in base.indices where namespace[index] != base[index] { return false }
        return true
    }

    private func hasNoDot(_ namespace: Span<UInt8>, from start: Int) -> Bool {
        for index in start..<namespace.count where namespace[index] == UInt8(ascii: ".") { return false }
        return true
    }
}
