/// Keys of a Kestra installation's files that are not the agent's business. Each is skipped with a note, unless it looks like
/// a misspelt key of ours, which must not be lost.
struct ForeignKeys {
    let problems: ConfigurationProblems
    let notes: ConfigurationNotes

    private static let roots: Set<String> = [
        "datasources", "endpoints", "flyway", "jackson", "javamail", "jpa", "logger", "management", "micronaut",
        "netty",
        "otel", "test-resources",
    ]

    private static let ofKestra: Set<String> = [
        "anonymous-usage-report", "controller", "ee", "elasticsearch", "environment", "executor", "hidden-labels",
        "indexer", "jdbc", "kafka", "kv", "listeners", "local-files", "logs", "mail-service", "metrics", "outputs",
        "plugins", "queue", "repository", "scheduler", "security", "server-type", "storage", "system-flows", "tasks",
        "templates", "tenants", "traces", "triggers", "tutorial-flows", "ui-anonymous-usage-report", "url", "variables",
        "webserver", "worker",
    ]

    private static let ofServer: Set<String> = [
        "access-log", "basic-auth", "service", "service-manager", "worker-task-restart-strategy",
    ]

    /// The keys that are read, without the others.
    func removed(from root: ConfigurationNode, _ schema: SectionSchema) -> ConfigurationNode {
        let ours = schema.keys.map(\.name) + ["secret"]
        return keep(root, ours, Self.roots, "is no part of the agent's configuration and is skipped") { name, value in
            guard name == "kestra", let schema = Self.inner(schema, name) else { return value }
            let ours = schema.keys.map(\.name)
            return keep(value, ours, Self.ofKestra, Self.elsewhere) { name, value in
                guard name == "server", let schema = Self.inner(schema, name) else { return value }
                return keep(value, schema.keys.map(\.name), Self.ofServer, Self.elsewhere) { $1 }
            }
        }
    }

    private static let elsewhere = "belongs to another part of Kestra and is skipped"

    private static func inner(_ schema: SectionSchema, _ key: String) -> SectionSchema? {
        if case .nested(let inner)? = schema.kind(of: key) { inner } else { nil }
    }

    private func keep(
        _ node: ConfigurationNode,
        _ ours: [String],
        _ others: Set<String>,
        _ note: String,
        _ descend: (String, ConfigurationNode) -> ConfigurationNode
    ) -> ConfigurationNode {
        guard case .mapping(let entries) = node.content else { return node }
        var kept: [ConfigurationNode.Entry] = []
        for entry in entries {
            let name = KeySpelling.kebab(entry.key)
            let path = node.path.key(entry.key)
            if ours.contains(name) {
                let value = descend(name, entry.value)
                kept.append(ConfigurationNode.Entry(key: entry.key, origin: entry.origin, value: value))
            } else if !others.contains(name), let dot = name.firstIndex(of: "."), ours.contains(String(name[..<dot])) {
                problems.add("is a key with dots; write its parts below each other", at: entry.origin, path: path)
            } else if !others.contains(name), !problems.isFull, let nearest = NearestKey.find(name, among: ours) {
                problems.add("is not a key that is known here", at: entry.origin, path: path, suggestion: nearest)
            } else {
                notes.add(note, at: entry.origin, path: path)
            }
        }
        return ConfigurationNode(.mapping(kept), origin: node.origin, path: node.path)
    }
}
