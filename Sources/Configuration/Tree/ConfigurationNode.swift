/// A part of a configuration: a mapping, a sequence, a scalar, or nothing.
package struct ConfigurationNode: Sendable {
    /// One key of a mapping and its value.
    package struct Entry: Sendable {
        /// As it was written.
        package let key: String
        /// Where the key was written.
        package let origin: ConfigurationOrigin
        package let value: ConfigurationNode

        package init(key: String, origin: ConfigurationOrigin, value: ConfigurationNode) {
            self.key = key
            self.origin = origin
            self.value = value
        }
    }

    package enum Content: Sendable {
        /// `key:` without a value, or `null`.
        case null
        case scalar(ScalarText)
        case sequence([ConfigurationNode])
        /// In the order written; no key is there twice.
        case mapping([Entry])
    }

    package let content: Content
    /// Where it was written.
    package let origin: ConfigurationOrigin
    /// The way to it, as it was written.
    package let path: ConfigurationPath

    package init(_ content: Content, origin: ConfigurationOrigin, path: ConfigurationPath) {
        self.content = content
        self.origin = origin
        self.path = path
    }

    /// Whether there is no value here.
    package var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The keys; empty where this is no mapping.
    package var entries: [Entry] {
        if case .mapping(let entries) = content { entries } else { [] }
    }

    /// The scalar's text; nil where this is none.
    package var scalar: ScalarText? {
        if case .scalar(let text) = content { text } else { nil }
    }

    /// The value of a key in any of its spellings.
    package subscript(_ key: String) -> ConfigurationNode? {
        entries.first { KeySpelling.kebab($0.key) == key }?.value
    }

    /// What this is, for error texts.
    var kindName: String {
        switch content {
        case .null: "nothing"
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
