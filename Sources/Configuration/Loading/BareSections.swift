internal import SecretMemory

/// Files that leave out what Kestra's documentation leaves out too: `secret:` without `kestra:`, or a manager's keys alone.
struct BareSections {
    let catalogue: SectionCatalogue
    let schema: SectionSchema
    let problems: ConfigurationProblems
    let notes: ConfigurationNotes

    /// The same document under its full names.
    func complete(_ root: ConfigurationNode) -> ConfigurationNode {
        let names = root.entries.map { KeySpelling.kebab($0.key) }
        guard let place = names.firstIndex(of: "secret") else { return completeManager(root, names) }
        let entry = root.entries[place]
        notes.add("is read as kestra.secret", at: entry.origin, path: root.path.key(entry.key))
        var rest = root.entries
        rest.remove(at: place)
        let lower = ConfigurationNode(.mapping(rest), origin: root.origin, path: root.path)
        let upper = wrap("kestra", wrap("secret", entry.value, entry.origin), entry.origin)
        return ConfigurationMerge.merge(lower, upper, .nested(schema))
    }

    private func completeManager(_ root: ConfigurationNode, _ names: [String]) -> ConfigurationNode {
        guard !names.isEmpty, !names.contains("tacit"), !names.contains("kestra") else { return root }
        let candidates = catalogue.candidates(for: names)
        guard let type = candidates.first else { return root }
        guard candidates.count == 1 else {
            problems.add(
                "holds the keys of a secrets manager, but of which: \(candidates.joined(separator: ", ")); "
                    + "write them below kestra.secret with a type",
                at: root.origin,
                path: root.path
            )
            return root
        }
        do throws(MemoryError) {
            let name = ConfigurationNode(
                .scalar(try ScalarText(copying: type)),
                origin: root.origin,
                path: root.path.key("type")
            )
            notes.add("is read as kestra.secret.\(type)", at: root.origin, path: root.path)
            let secret = ConfigurationNode(
                .mapping([
                    ConfigurationNode.Entry(key: "type", origin: root.origin, value: name),
                    ConfigurationNode.Entry(key: type, origin: root.origin, value: root),
                ]),
                origin: root.origin,
                path: root.path
            )
            return wrap("kestra", wrap("secret", secret, root.origin), root.origin)
        } catch {
            problems.add("there is no locked memory for it (\(error))", at: root.origin, path: root.path)
            return root
        }
    }

    private func wrap(
        _ key: String,
        _ value: ConfigurationNode,
        _ origin: ConfigurationOrigin
    ) -> ConfigurationNode {
        let entry = ConfigurationNode.Entry(key: key, origin: origin, value: value)
        return ConfigurationNode(.mapping([entry]), origin: origin, path: .root)
    }
}
