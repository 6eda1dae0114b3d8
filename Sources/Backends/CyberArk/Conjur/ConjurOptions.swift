internal import Secrets

/// What the section of a Conjur says, its credential aside.
struct ConjurOptions: Sendable {
    /// Scheme, host, port and any path, without a slash at its end.
    let server: String
    let account: String
    /// The branch of policy that all variables are below; "" for the root.
    let branch: String
    let names: QualifiedNames
    /// Whether variables are made and deleted, and not only written.
    let managesPolicy: Bool
    let isReadOnly: Bool
    /// Added to whatever is written, where policy is managed.
    let tags: [String: String]

    /// Conjur publishes no bounds; these are what the agent carries.
    static let maximumIDCharacters = 1000
    static let maximumValueBytes = 64 << 10

    /// What begins a byte that is written as two hexadecimal digits: policy gives a percent sign no meaning, and
    /// addresses do.
    static let mark = UInt8(ascii: "~")

    /// - Returns: nil where there can be no variable of this name.
    func id(of name: SecretName) -> String? {
        // Nothing on the way may take a part for a step to somewhere else.
        guard names.layout == .flat || !name.namespace.isEmpty, let text = names.text(of: name),
            !text.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
                ["", ".", ".."].contains($0)
            })
        else { return nil }
        return path(text)
    }

    /// A name below the branch.
    func path(_ name: String) -> String { branch.isEmpty ? name : "\(branch)/\(name)" }

    /// The key that a variable is in a namespace.
    ///
    /// - Returns: nil where it is of another.
    func key(of id: String, tenant: String, namespace: String) -> String? {
        name(of: id).flatMap { names.key(of: $0, tenant: tenant, namespace: namespace) }
    }

    /// What a variable is called below the branch; nil where it is elsewhere.
    func name(of id: String) -> String? {
        guard !branch.isEmpty else { return id }
        guard id.utf8.starts(with: "\(branch)/".utf8) else { return nil }
        return String(decoding: id.utf8.dropFirst(branch.utf8.count + 1), as: UTF8.self)
    }
}
