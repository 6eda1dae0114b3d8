/// A section of Kestra's own settings that a manager reads beside its section: where Kestra keeps its data, it may keep
/// its secrets too.
package struct ForeignSection: Sendable {
    /// The way to it, such as `kestra.elasticsearch`; a `*` at its end stands for the only entry there, whatever its name.
    package let path: String
    /// The keys that are read; all others are left alone.
    package let schema: SectionSchema
    /// The key that makes it what is looked for: a section without it is none, and where the manager's own section has it,
    /// nothing is read here. nil where there is no such key.
    package let lead: String?

    package init(_ path: String, schema: SectionSchema, lead: String? = nil) {
        self.path = path
        self.schema = schema
        self.lead = lead
    }

    /// What was found.
    package struct Found: Sendable {
        /// The names of the keys on the way to it.
        let steps: [String]
        /// The way to what was skipped with a note until it turned out to be read: itself, or the mapping that it is in.
        let skipped: ConfigurationPath
        /// The keys of the schema, and no others.
        package internal(set) var node: ConfigurationNode
    }

    /// The keys of the schema as they were written, and no others, whose placeholders may mean nothing here.
    ///
    /// - Returns: nil where there is no such section, or none is wanted, or several are and one must be named, which is then a
    ///   problem.
    func find(
        in root: ConfigurationNode,
        for secret: SecretSettings,
        problems: ConfigurationProblems
    ) -> Found? {
        if let lead, let own = secret.section?[lead], !own.isNull { return nil }
        var steps: [String] = []
        var node = root
        var skipped = ConfigurationPath.root
        for step in path.split(separator: ".").map(String.init) {
            let entries = node.entries.filter { entry in
                guard step == "*" else { return KeySpelling.kebab(entry.key) == KeySpelling.kebab(step) }
                return has(entry.value)
            }
            guard let entry = entries.first else { return nil }
            guard entries.count == 1 else {
                let own = "\(secret.sectionPath)\(lead.map { ".\($0)" } ?? "")"
                problems.add(
                    "there are \(entries.count) of them; write the one that is meant as \(own)",
                    at: node.origin,
                    path: node.path
                )
                return nil
            }
            steps.append(entry.key)
            node = entry.value
            if step != "*" { skipped = node.path }
        }
        guard !node.isNull, has(node) else { return nil }
        return Found(steps: steps, skipped: skipped, node: Self.keep(node, schema))
    }

    private func has(_ node: ConfigurationNode) -> Bool {
        lead.map { lead in node[lead].map { !$0.isNull } ?? false } ?? true
    }

    private static func keep(_ node: ConfigurationNode, _ schema: SectionSchema) -> ConfigurationNode {
        guard case .mapping(let entries) = node.content else { return node }
        let kept = entries.compactMap { entry -> ConfigurationNode.Entry? in
            guard let kind = schema.kind(of: KeySpelling.kebab(entry.key)) else { return nil }
            guard case .nested(let inner) = kind else { return entry }
            return ConfigurationNode.Entry(key: entry.key, origin: entry.origin, value: keep(entry.value, inner))
        }
        return ConfigurationNode(.mapping(kept), origin: node.origin, path: node.path)
    }
}
