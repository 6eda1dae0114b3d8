/// The keys that a section may hold, and what kind of value each has.
///
/// Names are in kebab-case; files may use camelCase too. It decides which environment names exist, which values are masked
/// when a configuration is shown, and which unknown keys are reported.
package struct SectionSchema: Sendable, ExpressibleByDictionaryLiteral {
    package indirect enum Kind: Sendable {
        case text
        /// Never becomes a string. `NAME-file` is accepted beside `NAME`: the path of a file that holds the value.
        case secret
        /// Several of them; no files.
        case secretList
        case integer
        case number
        case bool
        case duration
        case byteSize
        /// Texts; a single text with commas is a list too.
        case list
        /// Texts under free names.
        case map
        case nested(SectionSchema)
        /// A list of mappings.
        case sequence(SectionSchema)
        /// Checked elsewhere.
        case any
    }

    /// Sections of which one is in use: the one that another key names.
    package struct Alternatives: Sendable {
        /// The key whose value is the name.
        package let selector: String
        /// The name where that key is missing.
        package let byDefault: String
        package let names: [String]

        package init(selector: String, byDefault: String, names: [String]) {
            self.selector = selector
            self.byDefault = byDefault
            self.names = names
        }
    }

    /// In the order of documentation.
    package let keys: [(name: String, kind: Kind)]
    /// Sections of which only one is read; nil where all keys count.
    package let alternatives: Alternatives?

    package init(_ keys: [(name: String, kind: Kind)], alternatives: Alternatives? = nil) {
        self.keys = keys
        self.alternatives = alternatives
    }

    package init(dictionaryLiteral elements: (String, Kind)...) {
        self.init(elements.map { (name: $0.0, kind: $0.1) })
    }

    /// The kind of a key in kebab-case; nil where the section has no such key. `NAME-file` of a secret is a text.
    package func kind(of key: String) -> Kind? {
        if let found = keys.first(where: { $0.name == key }) { return found.kind }
        guard key.hasSuffix("-file") else { return nil }
        let name = String(key.dropLast("-file".count))
        guard case .secret? = keys.first(where: { $0.name == name })?.kind else { return nil }
        return .text
    }

    /// This schema with more keys.
    package func adding(_ more: SectionSchema) -> SectionSchema {
        SectionSchema(
            keys + more.keys.filter { extra in !keys.contains { $0.name == extra.name } },
            alternatives: alternatives ?? more.alternatives
        )
    }
}
