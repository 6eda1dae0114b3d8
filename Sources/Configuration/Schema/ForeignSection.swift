/// A section of Kestra's own settings that a manager reads beside its section: where Kestra keeps its data, it may keep
/// its secrets too.
package struct ForeignSection: Sendable {
    /// The way to it, such as `kestra.elasticsearch`.
    package let path: String
    /// The keys that are read; all others are left alone.
    package let schema: SectionSchema

    package init(_ path: String, schema: SectionSchema) {
        self.path = path
        self.schema = schema
    }

    /// The keys of the schema as they were written, and no others, whose placeholders may mean nothing here; nil where
    /// there is no such section.
    func node(in root: ConfigurationNode) -> ConfigurationNode? {
        var node = root
        for step in path.split(separator: ".") {
            guard let next = node[KeySpelling.kebab(String(step))], !next.isNull else { return nil }
            node = next
        }
        return Self.keep(node, schema)
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
