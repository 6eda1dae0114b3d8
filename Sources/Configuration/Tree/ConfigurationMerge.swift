/// Several files as one: mappings merge key by key, everything else is replaced by the later file.
enum ConfigurationMerge {
    /// Puts `over` on top of `base`. Each value keeps the place where it was written.
    ///
    /// - Parameter kind: what is known of the place; under free names (`map`) spellings are not brought together.
    static func merge(
        _ base: ConfigurationNode,
        _ over: ConfigurationNode,
        _ kind: SectionSchema.Kind = .any
    ) -> ConfigurationNode {
        guard case .mapping(let lower) = base.content, case .mapping(let upper) = over.content else { return over }
        let isFree = if case .map = kind { true } else { false }
        var schema: SectionSchema?
        if case .nested(let known) = kind { schema = known }
        var entries = lower
        var places: [String: Int] = [:]
        for index in entries.indices { places[name(entries[index].key, isFree)] = index }
        for entry in upper {
            let name = name(entry.key, isFree)
            guard let place = places[name] else {
                // Two spellings of one key in the same file stay two, and are reported when they are read.
                entries.append(entry)
                continue
            }
            let value = merge(entries[place].value, entry.value, schema?.kind(of: name) ?? .any)
            entries[place] = ConfigurationNode.Entry(key: entry.key, origin: entry.origin, value: value)
        }
        return ConfigurationNode(.mapping(entries), origin: over.origin, path: over.path)
    }

    private static func name(_ key: String, _ isFree: Bool) -> String { isFree ? key : KeySpelling.kebab(key) }
}
