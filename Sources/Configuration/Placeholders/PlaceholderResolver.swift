internal import SecretMemory

/// Replaces placeholders, in locked memory from end to end, and notes which variables held secrets.
///
/// Every scalar that it returns has a block of its own, so that a document's text goes when its tree does.
final class PlaceholderResolver {
    /// Variables whose values went into secrets.
    private(set) var secretVariables: Set<String> = []
    /// Files that secrets are written into.
    private(set) var filesWithSecrets: Set<String> = []

    private let environment: any ConfigurationEnvironment
    private let root: ConfigurationNode
    private let schema: SectionSchema
    private let problems: ConfigurationProblems
    private let notes: ConfigurationNotes
    private let limits: ConfigurationLimits
    private var replaced = 0
    /// The keys of the mappings that placeholders have looked into.
    private var indexes: [ObjectIdentifier: [String: ConfigurationNode]] = [:]

    /// - Parameters:
    ///   - root: where a placeholder may name another key.
    ///   - schema: what is known of that tree.
    init(
        environment: any ConfigurationEnvironment,
        root: ConfigurationNode,
        schema: SectionSchema,
        problems: ConfigurationProblems,
        notes: ConfigurationNotes,
        limits: ConfigurationLimits
    ) {
        self.environment = environment
        self.root = root
        self.schema = schema
        self.problems = problems
        self.notes = notes
        self.limits = limits
    }

    /// The same tree without placeholders. Sections that are not in use stay as they are.
    func resolve(_ node: ConfigurationNode, _ kind: SectionSchema.Kind) -> ConfigurationNode {
        switch node.content {
        case .null:
            return node
        case .scalar(let text):
            guard let resolved = value(text, of: node, isSecret: isSecret(kind)) else { return node }
            return ConfigurationNode(.scalar(resolved), origin: node.origin, path: node.path)
        case .sequence(let elements):
            let inner: SectionSchema.Kind =
                switch kind {
                case .sequence(let schema): .nested(schema)
                case .secretList: .secret
                default: .text
                }
            let resolved = elements.map { resolve($0, inner) }
            return ConfigurationNode(.sequence(resolved), origin: node.origin, path: node.path)
        case .mapping(let entries):
            return ConfigurationNode(
                .mapping(mapping(entries, kind, node)),
                origin: node.origin,
                path: node.path
            )
        }
    }

    private func mapping(
        _ entries: [ConfigurationNode.Entry],
        _ kind: SectionSchema.Kind,
        _ node: ConfigurationNode
    ) -> [ConfigurationNode.Entry] {
        guard case .nested(let schema) = kind else {
            return entries.map {
                ConfigurationNode.Entry(key: $0.key, origin: $0.origin, value: resolve($0.value, .text))
            }
        }
        let unused = unused(schema, node)
        return entries.map { entry in
            let name = KeySpelling.kebab(entry.key)
            if unused.contains(name) { return entry }
            let value = resolve(entry.value, schema.kind(of: name) ?? .any)
            return ConfigurationNode.Entry(key: entry.key, origin: entry.origin, value: value)
        }
    }

    private func unused(_ schema: SectionSchema, _ node: ConfigurationNode) -> Set<String> {
        guard let alternatives = schema.alternatives else { return [] }
        let silent = ConfigurationProblems()  // The selector is resolved again, and reported, in its own turn.
        var chosen = alternatives.byDefault
        if let selector = node[alternatives.selector], let text = selector.scalar,
            let value = expand(text, of: selector, isSecret: false, depth: 0, problems: silent)?.text.string()
        {
            chosen = value
        }
        return Set(alternatives.names.filter { $0 != chosen })
    }

    private func isSecret(_ kind: SectionSchema.Kind) -> Bool {
        switch kind {
        case .secret, .secretList: true
        default: false
        }
    }

    private func value(_ text: ScalarText, of node: ConfigurationNode, isSecret: Bool) -> ScalarText? {
        guard let expanded = expand(text, of: node, isSecret: isSecret, depth: 0, problems: problems) else {
            return nil
        }
        if isSecret, !expanded.usesVariable, text.count > 0, !node.origin.isEnvironment {
            filesWithSecrets.insert(node.origin.file)
            notes.warn(
                "is a secret written into the file; a placeholder for a variable, or \(fileKey(of: node)), is safer",
                at: node.origin,
                path: node.path
            )
        }
        return expanded.text
    }

    private func fileKey(of node: ConfigurationNode) -> String {
        let key = node.path.description.split(separator: ".").last.map(String.init) ?? ""
        return key.hasSuffix("]") ? "a file" : "\(KeySpelling.kebab(key))-file"
    }

    // MARK: Expanding

    private struct Expanded {
        let text: ScalarText
        /// Whether a part came from a variable.
        let usesVariable: Bool
    }

    /// Most placeholders that name keys whose values name keys.
    private static let deepest = 8

    private func expand(
        _ text: ScalarText,
        of node: ConfigurationNode,
        isSecret: Bool,
        depth: Int,
        problems: ConfigurationProblems
    ) -> Expanded? {
        var output = SecretBuffer(limit: limits.valueBytes, account: .general)
        var usesVariable = false
        do {
            let pieces = try text.withBytes { (bytes) throws(Placeholder.Malformed) in try Placeholder.parse(bytes) }
            for piece in pieces {
                switch piece {
                case .text(let range):
                    try text.withBytes { (bytes) throws(MemoryError) in try output.append(bytes.extracting(range)) }
                case .reference(let names, let fallback):
                    if let found = try look(names, node, isSecret, depth, problems) {
                        usesVariable = usesVariable || found.usesVariable
                        try found.text.withBytes { (bytes) throws(MemoryError) in try output.append(bytes) }
                    } else if let fallback {
                        try text.withBytes { (bytes) throws(MemoryError) in
                            try output.append(bytes.extracting(fallback))
                        }
                    } else {
                        problems.add(Self.missing(names), at: node.origin, path: node.path)
                        return nil
                    }
                }
            }
            let value = try SecretBytes(copying: output.bytes, account: .general)
            return Expanded(text: ScalarText(SharedSecret(value)), usesVariable: usesVariable)
        } catch let error as Placeholder.Malformed {
            problems.add(error.message, at: node.origin, path: node.path)
        } catch let error as Refused {
            problems.add(error.message, at: node.origin, path: node.path)
        } catch {
            problems.add("is too long, or there is no locked memory for it", at: node.origin, path: node.path)
        }
        return nil
    }

    private static func missing(_ names: [String]) -> String {
        names.count == 1
            ? "needs \(names[0]), which is not set and has no default"
            : "needs one of \(names.joined(separator: ", ")), of which none is set, and has no default"
    }

    private struct Refused: Error { let message: String }

    /// The first of the names that has a value: a key of the configuration, else a variable.
    private func look(
        _ names: [String],
        _ node: ConfigurationNode,
        _ isSecret: Bool,
        _ depth: Int,
        _ problems: ConfigurationProblems
    ) throws -> Expanded? {
        for name in names {
            replaced += 1
            guard replaced <= limits.placeholders else {
                throw Refused(message: "is one placeholder too many; at most \(limits.placeholders) are replaced")
            }
            if let found = try property(name, isSecret, depth, problems) { return found }
            guard
                name.utf8.allSatisfy({ KeySpelling.isUpper($0) || KeySpelling.isDigit($0) || $0 == UInt8(ascii: "_") }),
                let value = try environment.value(name), value.value.count > 0
            else { continue }
            if isSecret { secretVariables.insert(name) }
            return Expanded(text: ScalarText(value), usesVariable: true)
        }
        return nil
    }

    private func property(
        _ name: String,
        _ isSecret: Bool,
        _ depth: Int,
        _ problems: ConfigurationProblems
    ) throws -> Expanded? {
        let steps = name.split(separator: ".").map { KeySpelling.kebab(String($0)) }
        var node = root
        var kind = SectionSchema.Kind.nested(schema)
        for step in steps {
            guard let next = child(step, of: node) else { return nil }
            node = next
            if case .nested(let schema) = kind { kind = schema.kind(of: step) ?? .any } else { kind = .any }
        }
        guard let text = node.scalar else { return nil }
        guard isSecret || !self.isSecret(kind) else {
            throw Refused(message: "takes its value from \(name), which is a secret, and is none itself")
        }
        guard depth < Self.deepest else {
            throw Refused(message: "names keys that name keys too often, or in a circle")
        }
        return expand(text, of: node, isSecret: isSecret, depth: depth + 1, problems: problems)
    }

    private func child(_ step: String, of node: ConfigurationNode) -> ConfigurationNode? {
        let identity = ObjectIdentifier(node.path)
        if let index = indexes[identity] { return index[step] }
        var index: [String: ConfigurationNode] = [:]
        for entry in node.entries { index[KeySpelling.kebab(entry.key)] = entry.value }
        indexes[identity] = index
        return index[step]
    }
}
