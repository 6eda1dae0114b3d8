extension SecretSettings {
    /// Reads a `secret` section.
    ///
    /// - Parameter catalogue: the managers that exist.
    init(_ reader: ConfigurationReader, catalogue: SectionCatalogue, notes: ConfigurationNotes) {
        self.init(origin: reader.origin)
        type = reader.string("type", default: type)
        readOnly = reader.bool("read-only", default: readOnly)
        encoding = reader.choice("encoding", default: encoding)
        cache = CacheSettings(reader.nested("cache"))
        isolation = IsolationSettings(reader.nested("isolation"))
        budget = BudgetSettings(reader.nested("budget"))
        sectionPath = reader.path.key(type)
        if catalogue.schema(of: type) == nil {
            reader.report(
                "type",
                "\"\(KeySpelling.printable(type))\" is not a secrets manager that is known here",
                suggestion: NearestKey.find(type, among: catalogue.types)
            )
        }
        for other in catalogue.types where other != type {
            guard let node = reader.node(other) else { continue }
            notes.add("is not used, because the type is \(type)", at: node.origin, path: node.path)
        }
        if let node = reader.node("<secret-type>") {
            notes.warn("is skipped: write the name of the manager instead", at: node.origin, path: node.path)
        }
        if let node = reader.node(type) {
            section = node
            sectionPath = node.path
            catalogue.schema(of: type)?.validate(node, problems: reader.problems)
            readCommonKeys(ConfigurationReader(node, problems: ConfigurationProblems()))
        }
        reader.finish()
    }

    /// What is wrong with these keys was reported when the section was checked.
    private mutating func readCommonKeys(_ reader: ConfigurationReader) {
        tags = reader.stringMap("tags")
        filterTags = reader.nested("filter-on-tags").stringMap("tags")
    }
}

extension CacheSettings {
    init(_ reader: ConfigurationReader) {
        enabled = reader.bool("enabled", default: enabled)
        maximumSize = reader.int("maximum-size", default: maximumSize, in: 1...10_000_000)
        maximumBytes = reader.byteSize("maximum-bytes", default: maximumBytes, in: (64 << 10)...(64 << 30))
        expireAfterWrite = reader.duration(
            "expire-after-write",
            default: expireAfterWrite,
            in: .milliseconds(1)...DurationText.longest
        )
        refreshAfterWrite = reader.duration(
            "refresh-after-write",
            defaultOrOff: refreshAfterWrite,
            in: .milliseconds(1)...DurationText.longest
        )
        serveStaleFor = reader.duration("serve-stale-for", default: serveStaleFor)
        expireNotFound = reader.duration("expire-not-found", default: expireNotFound)
        if let refreshAfterWrite, refreshAfterWrite >= expireAfterWrite {
            reader.report("refresh-after-write", "must be shorter than expire-after-write")
        }
        reader.finish()
    }
}

extension IsolationSettings {
    init(_ reader: ConfigurationReader) {
        enabled = reader.bool("enabled", default: enabled)
        if let names = reader.optionalStrings("denied-services") {
            deniedServices = []
            for name in names {
                guard let service = ServiceName.named(name) else {
                    reader.report(
                        "denied-services",
                        "\"\(KeySpelling.printable(name))\" is not a service type",
                        suggestion: ServiceName.nearest(name)
                    )
                    continue
                }
                deniedServices.insert(service)
            }
        }
        reader.finish()
    }
}

extension ServiceName {
    /// The service of a name in any case; nil where there is none.
    package static func named(_ name: String) -> ServiceName? { ServiceName(rawValue: name.uppercased()) }

    static func nearest(_ name: String) -> String? { NearestKey.find(name, among: allCases.map(\.rawValue)) }
}
