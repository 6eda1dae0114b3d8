/// Kestra keeps the secrets of `type: jdbc` in the database that it uses itself, so that its documentation names no connection
/// for them: it stands under `datasources`. Where `kestra.secret.jdbc` has no URL, that one is meant.
struct Datasources {
    let schema: SectionSchema
    let problems: ConfigurationProblems
    let notes: ConfigurationNotes

    private static let keys = ["url", "username", "password"]

    /// The same tree with the connection where the manager reads it. What it says itself counts more.
    func complete(_ root: ConfigurationNode) -> ConfigurationNode {
        guard let secret = root["kestra"]?["secret"], secret["type"]?.scalar?.string() == "jdbc",
            secret["jdbc"]?["url"].map(\.isNull) ?? true, let datasources = root["datasources"]
        else { return root }
        let found = datasources.entries.filter { $0.value["url"].map { !$0.isNull } ?? false }
        guard let one = found.first else { return root }
        guard found.count == 1 else {
            problems.add(
                "there are \(found.count) data sources; write the url of the one that is meant below kestra.secret.jdbc",
                at: datasources.origin,
                path: datasources.path
            )
            return root
        }
        notes.add("is read as the connection of kestra.secret.jdbc", at: one.origin, path: one.value.path)
        let connection = one.value.entries.filter { Self.keys.contains(KeySpelling.kebab($0.key)) }
        let lower = ["jdbc", "secret", "kestra"].reduce(
            ConfigurationNode(.mapping(connection), origin: one.origin, path: one.value.path)
        ) { inner, key in
            let entry = ConfigurationNode.Entry(key: key, origin: one.origin, value: inner)
            return ConfigurationNode(.mapping([entry]), origin: one.origin, path: .root)
        }
        return ConfigurationMerge.merge(lower, root, .nested(schema))
    }
}
