internal import SecretMemory

/// Builds the tree of a document from its events. Aliases are written out where they stand, within the budget of nodes, so
/// that everything after this sees a plain tree.
struct YAMLComposer {
    private let document: YAMLEvents
    private let file: String
    private let limits: ConfigurationLimits
    private var position = 0
    private var nodes = 0
    /// Complete anchored nodes: their name and where their events begin.
    private var anchors: [(name: Range<Int>, start: Int)] = []
    private var isRepeating = false

    /// - Returns: a mapping; empty where the document is.
    static func compose(
        _ bytes: Span<UInt8>,
        file: String,
        limits: ConfigurationLimits
    ) throws(ConfigurationError) -> ConfigurationNode {
        let document = try YAMLEventReader.read(bytes, file: file, limits: limits)
        var composer = YAMLComposer(document: document, file: file, limits: limits)
        let empty = ConfigurationNode(
            .mapping([]),
            origin: ConfigurationOrigin(file: file, line: 1, column: 1),
            path: .root
        )
        guard !document.events.isEmpty else { return empty }
        let root = try composer.node(at: .root, depth: 1)
        if root.isNull { return empty }
        guard case .mapping = root.content else {
            throw composer.problem(root.origin, .root, "must be a mapping of keys, and is \(root.kindName)")
        }
        return root
    }

    private init(document: YAMLEvents, file: String, limits: ConfigurationLimits) {
        self.document = document
        self.file = file
        self.limits = limits
    }

    private mutating func node(
        at path: ConfigurationPath,
        depth: Int
    ) throws(ConfigurationError) -> ConfigurationNode {
        let start = position
        let event = document.events[position]
        position += 1
        let origin = ConfigurationOrigin(file: file, line: event.line, column: event.column)
        nodes += 1
        guard nodes <= limits.nodes else {
            throw problem(origin, path, "holds more than \(limits.nodes) nodes once its aliases are written out")
        }
        guard depth <= limits.depth else {
            throw problem(origin, path, "is nested deeper than \(limits.depth) levels")
        }
        let content: ConfigurationNode.Content
        switch event.kind {
        case .scalar(let range, let isPlain): content = scalar(range, isPlain)
        case .sequenceStart: content = try sequence(path, depth)
        case .mappingStart: content = try mapping(path, depth)
        case .alias(let name): return try repeated(name, before: start, origin, path, depth)
        case .end: content = .null
        }
        if let anchor = event.anchor, !isRepeating { anchors.append((anchor, start)) }
        return ConfigurationNode(content, origin: origin, path: path)
    }

    private func scalar(_ range: Range<Int>, _ isPlain: Bool) -> ConfigurationNode.Content {
        let text = ScalarText(storage: document.text, offset: range.lowerBound, count: range.count)
        let isNull = isPlain && (range.isEmpty || text.equals("~") || text.equals("null") || text.equals("Null"))
        return isNull ? .null : .scalar(text)
    }

    private mutating func sequence(
        _ path: ConfigurationPath,
        _ depth: Int
    ) throws(ConfigurationError) -> ConfigurationNode.Content {
        var elements: [ConfigurationNode] = []
        while !atEnd { elements.append(try node(at: path.index(elements.count), depth: depth + 1)) }
        position += 1
        return .sequence(elements)
    }

    private mutating func mapping(
        _ path: ConfigurationPath,
        _ depth: Int
    ) throws(ConfigurationError) -> ConfigurationNode.Content {
        var entries: [ConfigurationNode.Entry] = []
        var lines: [String: Int] = [:]
        var inherited: [ConfigurationNode.Entry] = []
        while !atEnd {
            let (key, origin, isMerge) = try self.key(path)
            let value = try node(at: path.key(key), depth: depth + 1)
            if isMerge {
                inherited += try merged(value)
                continue
            }
            if let line = lines.updateValue(origin.line, forKey: key) {
                throw problem(origin, path.key(key), "is there twice; first in line \(line)")
            }
            entries.append(ConfigurationNode.Entry(key: key, origin: origin, value: value))
        }
        position += 1
        for entry in inherited where lines.updateValue(entry.origin.line, forKey: entry.key) == nil {
            entries.append(entry)
        }
        return .mapping(entries)
    }

    private mutating func key(
        _ path: ConfigurationPath
    ) throws(ConfigurationError) -> (key: String, origin: ConfigurationOrigin, isMerge: Bool) {
        let event = document.events[position]
        let origin = ConfigurationOrigin(file: file, line: event.line, column: event.column)
        guard case .scalar(let range, let isPlain) = event.kind else {
            throw problem(origin, path, "a key must be a single word")
        }
        position += 1
        nodes += 1
        guard range.count <= limits.keyBytes else {
            throw problem(origin, path, "a key is longer than \(limits.keyBytes) bytes")
        }
        let text = ScalarText(storage: document.text, offset: range.lowerBound, count: range.count)
        guard let key = text.string(), !key.isEmpty else { throw problem(origin, path, "a key is empty or not text") }
        return (key, origin, isPlain && key == "<<")
    }

    /// What `<<:` brings in: the keys of a mapping, or of several where the first wins.
    private func merged(_ value: ConfigurationNode) throws(ConfigurationError) -> [ConfigurationNode.Entry] {
        switch value.content {
        case .mapping(let entries):
            return entries
        case .sequence(let elements):
            var entries: [ConfigurationNode.Entry] = []
            for element in elements {
                guard case .mapping(let more) = element.content else {
                    throw problem(element.origin, element.path, "<< takes mappings only")
                }
                entries += more
            }
            return entries
        case .null, .scalar:
            throw problem(value.origin, value.path, "<< takes mappings only")
        }
    }

    /// The node that an anchor names, once more: the last one of that name above the alias. An anchor counts once its node is
    /// complete, so none can hold itself.
    private mutating func repeated(
        _ name: Range<Int>,
        before place: Int,
        _ origin: ConfigurationOrigin,
        _ path: ConfigurationPath,
        _ depth: Int
    ) throws(ConfigurationError) -> ConfigurationNode {
        let start = document.text.withBytes { bytes -> Int? in
            let wanted = bytes.extracting(name)
            var found: Int?
            for anchor in anchors where anchor.start < place && anchor.name.count == wanted.count {
                let known = bytes.extracting(anchor.name)
                let isSame = wanted.indices.allSatisfy { known[$0] == wanted[$0] }
                if isSame, anchor.start > found ?? -1 { found = anchor.start }
            }
            return found
        }
        guard let start else { throw problem(origin, path, "an alias names an anchor that is not there above it") }
        let back = (position: position, isRepeating: isRepeating)
        position = start
        isRepeating = true
        let node = try node(at: path, depth: depth)
        (position, isRepeating) = back
        return node
    }

    private var atEnd: Bool {
        if case .end = document.events[position].kind { true } else { false }
    }

    private func problem(
        _ origin: ConfigurationOrigin,
        _ path: ConfigurationPath,
        _ message: String
    ) -> ConfigurationError {
        let problems = ConfigurationProblems()
        problems.add(message, at: origin, path: path)
        return ConfigurationError(problems: problems.list)
    }
}
