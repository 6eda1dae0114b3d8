extension PolicySettings {
    init(_ reader: ConfigurationReader) {
        grants = reader.list("grants").map { RuleSettings($0, isGrant: true) }
        denials = reader.list("denials").map { RuleSettings($0, isGrant: false) }
        reader.finish()
    }
}

extension RuleSettings {
    init(_ reader: ConfigurationReader, isGrant: Bool) {
        self.init(name: reader.path.description, identity: reader.string("identity"))
        let captures = RuleSettings.captures(of: identity)
        if captures == nil { reader.report("identity", RuleSettings.identityRule) }
        readService(reader, isGrant, captures ?? [])
        readTenant(reader, isGrant, captures ?? [])
        namespaces = reader.strings("namespaces")
        keys = reader.strings("keys")
        for namespace in namespaces { check(namespace, "namespaces", reader, captures ?? []) }
        for key in keys where key.isEmpty { reader.report("keys", "has an empty pattern") }
        readOperations(reader, isGrant)
        if isGrant, operations.contains(where: \.concernsKeys) {
            for (key, patterns) in [("namespaces", namespaces), ("keys", keys)] where patterns.isEmpty {
                reader.report(key, "is missing; nothing is granted without it")
            }
        }
        let require = reader.nested("require")
        uid = require.optionalInt("uid", in: 0...Int(UInt32.max)).map(UInt32.init)
        gid = require.optionalInt("gid", in: 0...Int(UInt32.max)).map(UInt32.init)
        require.finish()
        reader.finish()
    }

    private mutating func readService(_ reader: ConfigurationReader, _ isGrant: Bool, _ captures: Set<String>) {
        guard let text = field("service", reader, isGrant), text != "*" else { return }
        if text.hasPrefix("{") {
            check(text, "service", reader, captures)
            service = text
        } else if let known = ServiceName.named(text) {
            service = known.rawValue
        } else {
            reader.report(
                "service",
                "\"\(KeySpelling.printable(text))\" is not a service type",
                suggestion: ServiceName.nearest(text)
            )
        }
    }

    private mutating func readTenant(_ reader: ConfigurationReader, _ isGrant: Bool, _ captures: Set<String>) {
        guard let text = field("tenant", reader, isGrant), text != "*" else { return }
        check(text, "tenant", reader, captures)
        tenant = text
    }

    private func field(_ key: String, _ reader: ConfigurationReader, _ isGrant: Bool) -> String? {
        if isGrant, !reader.has(key) {
            reader.report(key, "is missing; write \"*\" to grant to any \(key)")
            return nil
        }
        guard reader.has(key) else { return nil }
        let text = reader.string(key)
        return text.isEmpty ? nil : text
    }

    private mutating func readOperations(_ reader: ConfigurationReader, _ isGrant: Bool) {
        let words = OperationName.allCases.map(\.rawValue)
        for text in reader.strings("operations") {
            guard let operation = OperationName(rawValue: text.lowercased()) else {
                reader.report(
                    "operations",
                    "\"\(KeySpelling.printable(text))\" is not one of \(words.joined(separator: ", "))",
                    suggestion: NearestKey.find(text, among: words)
                )
                continue
            }
            if !operations.contains(operation) { operations.append(operation) }
        }
        if isGrant, !reader.has("operations") {
            reader.report("operations", "is missing; nothing is granted without it")
        }
    }

    // MARK: Patterns

    static let captureNames: Set<String> = ["tenant", "service", "namespace"]

    private static let identityRule =
        "must be spiffe://DOMAIN/SEGMENT/...; a segment may be *, the last one **, or one of {tenant}, {service}, {namespace}"

    /// The captures of an identity; nil where it is no pattern.
    static func captures(of identity: String) -> Set<String>? {
        guard identity.hasPrefix("spiffe://") else { return identity.isEmpty ? [] : nil }
        let segments = identity.dropFirst("spiffe://".count).split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count >= 2, !segments.contains(where: \.isEmpty) else { return nil }
        var captures: Set<String> = []
        for (index, segment) in segments.enumerated() {
            if segment == "*" || (segment == "**" && index == segments.count - 1) {
                if index == 0 { return nil }
            } else if let name = capture(in: segment) {
                guard index > 0, captureNames.contains(name), captures.insert(name).inserted else { return nil }
            } else if segment.contains(where: { "*{}".contains($0) }) {
                return nil
            }
        }
        return captures
    }

    private static func capture(in segment: some StringProtocol) -> String? {
        segment.hasPrefix("{") && segment.hasSuffix("}") ? String(segment.dropFirst().dropLast()) : nil
    }

    /// Reports a field that uses what the identity does not capture, or a namespace that is no pattern.
    private func check(_ text: String, _ key: String, _ reader: ConfigurationReader, _ captures: Set<String>) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if let name = Self.capture(in: part) {
                if !captures.contains(name) {
                    reader.report(key, "uses {\(KeySpelling.printable(name))}, which the identity does not capture")
                }
            } else if part.isEmpty || part.contains(where: { "{}".contains($0) }) {
                reader.report(key, "has a pattern that cannot be read")
            } else if part.contains("*"), key == "tenant" || index != parts.count - 1 || !(part == "*" || part == "**")
            {
                reader.report(key, "may have * or ** as its last part only")
            }
        }
    }
}
