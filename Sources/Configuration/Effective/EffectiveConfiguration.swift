/// The settings in force, defaults included, as YAML with secrets masked.
struct EffectiveConfiguration {
    /// Stands for every secret, whatever its length.
    static let mask = "********"

    private let loaded: LoadedConfiguration
    private let showsOrigins: Bool
    /// The managers that exist.
    var catalogue: SectionCatalogue { loaded.catalogue }
    let yaml = YAMLText()

    static func text(of loaded: LoadedConfiguration, showsOrigins: Bool) -> String {
        let writer = EffectiveConfiguration(loaded: loaded, showsOrigins: showsOrigins)
        let node = loaded.resolved
        writer.mapping("tacit", node["tacit"]) { $0.tacit(loaded.settings, $1) }
        writer.mapping("kestra", node["kestra"]) { writer, node in
            writer.kestra(loaded.settings.kestra, node)
            writer.foreign(isBelowKestra: true)
        }
        writer.foreign(isBelowKestra: false)
        return writer.yaml.text
    }

    private init(loaded: LoadedConfiguration, showsOrigins: Bool) {
        self.loaded = loaded
        self.showsOrigins = showsOrigins
    }

    /// What managers read beside their sections: that below `kestra`, or the rest.
    private func foreign(isBelowKestra: Bool) {
        var settings = loaded.settings
        var written: Set<[String]> = []
        settings.forEachSecret { secret in
            guard let found = secret.foreign, let schema = catalogue.foreignSection(of: secret.type)?.schema,
                (found.steps.first == "kestra") == isBelowKestra, written.insert(found.steps).inserted
            else { return }
            nested(found.steps.dropFirst(isBelowKestra ? 1 : 0), found.node, schema)
        }
    }

    private func nested(_ steps: ArraySlice<String>, _ node: ConfigurationNode, _ schema: SectionSchema) {
        guard let step = steps.first else { return section(node, schema) }
        mapping(step, node) { writer, _ in writer.nested(steps.dropFirst(), node, schema) }
    }

    // MARK: Pieces

    /// A mapping; `node` is what was written for it.
    func mapping(
        _ key: String,
        _ node: ConfigurationNode?,
        _ body: (EffectiveConfiguration, ConfigurationNode?) -> Void
    ) {
        yaml.mapping(key) { body(self, node) }
    }

    /// A list of mappings.
    func sequence<Element>(
        _ key: String,
        _ elements: [Element],
        _ node: ConfigurationNode?,
        _ body: (EffectiveConfiguration, Element, ConfigurationNode?) -> Void
    ) {
        guard !elements.isEmpty else { return yaml.list(key, [], comment: comment(node)) }
        var nodes: [ConfigurationNode] = []
        if case .sequence(let written)? = node?.content { nodes = written }
        yaml.mapping(key) {
            for (index, element) in elements.enumerated() {
                yaml.element { body(self, element, index < nodes.count ? nodes[index] : nil) }
            }
        }
    }

    /// One value.
    func value(_ key: String, _ text: String, _ node: ConfigurationNode?) {
        yaml.value(key, text, comment: comment(node?[key]))
    }

    /// One value, where there is one.
    func optional(_ key: String, _ text: String?, _ node: ConfigurationNode?) {
        if let text { value(key, text, node) }
    }

    /// A list of texts.
    func list(_ key: String, _ values: [String], _ node: ConfigurationNode?) {
        yaml.list(key, values, comment: comment(node?[key]))
    }

    func comment(_ node: ConfigurationNode?) -> String? {
        guard showsOrigins else { return nil }
        guard let origin = node?.origin else { return "default" }
        return origin.line > 0 ? "\(origin.file):\(origin.line)" : origin.file
    }
}

extension LoadedConfiguration {
    /// The settings in force, defaults included, as YAML. A secret is shown as `********`, and so is everything in a
    /// manager's section that is not known to be none.
    ///
    /// - Parameter showsOrigins: whether each value says where it was written.
    package func effectiveText(showsOrigins: Bool = false) -> String {
        EffectiveConfiguration.text(of: self, showsOrigins: showsOrigins)
    }
}
