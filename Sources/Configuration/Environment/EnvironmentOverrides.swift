internal import SecretMemory

/// The environment names of the keys that exist, and what the environment says about them.
///
/// `tacit.log.level` is `TACIT_LOG_LEVEL`; a doubled underscore counts as one. Keys under free names, and lists of
/// mappings, come from files only.
struct EnvironmentOverrides {
    private struct Target {
        let path: [String]
        let isSecret: Bool
    }

    private var targets: [String: Target] = [:]

    /// Variables of the same prefix that mean something else: to the command line, and to containers.
    private static let foreign: Set<String> = [
        "KESTRA_CONFIGURATION", "KESTRA_CONFIGURATION_PATH", "KESTRA_PLUGINS_PATH", "TACIT_CA", "TACIT_CERTIFICATE",
        "TACIT_PRIVATE_KEY", "TACIT_SOCKET",
    ]

    init(_ schema: SectionSchema) {
        collect(schema, [])
    }

    /// Every name that counts, in ascending order.
    var names: [String] { targets.keys.sorted() }

    private mutating func collect(_ schema: SectionSchema, _ path: [String]) {
        for (name, kind) in schema.keys {
            let here = path + [name]
            switch kind {
            case .nested(let inner): collect(inner, here)
            case .map, .sequence, .any, .secretList: continue
            case .secret:
                insert(here, isSecret: true)
                insert(path + ["\(name)-file"], isSecret: false)
            case .text, .integer, .number, .bool, .duration, .byteSize, .list: insert(here, isSecret: false)
            }
        }
    }

    private mutating func insert(_ path: [String], isSecret: Bool) {
        let name = KeySpelling.environmentName(path.joined(separator: "."))
        let before = targets.updateValue(Target(path: path, isSecret: isSecret), forKey: name)
        precondition(before == nil, "two keys share the environment name \(name)")
    }

    /// Puts the environment's values over those of the files.
    ///
    /// - Returns: the new tree, and the variables that hold secrets.
    func apply(
        to root: ConfigurationNode,
        from environment: any ConfigurationEnvironment,
        problems: ConfigurationProblems,
        notes: ConfigurationNotes
    ) -> (root: ConfigurationNode, secretVariables: Set<String>) {
        var tree = root
        var secrets: Set<String> = []
        for variable in environment.names(withPrefixes: ["KESTRA_", "TACIT_"]) {
            let name = Self.collapsed(variable)
            guard let target = targets[name] else {
                reportUnknown(variable, name, problems, notes)
                continue
            }
            do throws(MemoryError) {
                guard let value = try environment.value(variable), value.value.count > 0 else { continue }
                if target.isSecret { secrets.insert(variable) }
                let origin = ConfigurationOrigin.environment(variable)
                tree = Self.setting(target.path[...], of: tree, to: ScalarText(value), origin)
            } catch {
                problems.add("there is no locked memory for it (\(error))", at: .environment(variable), path: .root)
            }
        }
        return (tree, secrets)
    }

    private static func collapsed(_ name: String) -> String {
        var output = ""
        for character in name where !(character == "_" && output.last == "_") { output.append(character) }
        return output
    }

    private static func setting(
        _ path: ArraySlice<String>,
        of node: ConfigurationNode,
        to text: ScalarText,
        _ origin: ConfigurationOrigin
    ) -> ConfigurationNode {
        guard let key = path.first else { return ConfigurationNode(.scalar(text), origin: origin, path: node.path) }
        var entries = node.entries
        let place = entries.firstIndex { KeySpelling.kebab($0.key) == key }
        let missing = ConfigurationNode(.null, origin: origin, path: node.path.key(key))
        let inner = setting(path.dropFirst(), of: place.map { entries[$0].value } ?? missing, to: text, origin)
        let entry = ConfigurationNode.Entry(
            key: place.map { entries[$0].key } ?? key,
            origin: place.map { entries[$0].origin } ?? origin,
            value: inner
        )
        if let place { entries[place] = entry } else { entries.append(entry) }
        return ConfigurationNode(.mapping(entries), origin: node.isNull ? origin : node.origin, path: node.path)
    }

    /// A misspelt switch of the isolation must not switch it off; elsewhere a name may be meant for somebody else.
    private func reportUnknown(
        _ variable: String,
        _ name: String,
        _ problems: ConfigurationProblems,
        _ notes: ConfigurationNotes
    ) {
        guard !Self.foreign.contains(variable) else { return }
        let nearest = NearestKey.find(name, among: targets.keys.sorted())
        if name.hasPrefix("KESTRA_SECRET_ISOLATION") {
            problems.add(
                "is not a key of the isolation",
                at: .environment(variable),
                path: .root,
                suggestion: nearest
            )
        } else if let nearest {
            notes.warn(
                "sets nothing; \(nearest) would",
                at: .environment(variable),
                path: .root
            )
        }
    }
}
