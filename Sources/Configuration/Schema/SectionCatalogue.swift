/// The secrets managers that exist, each with the keys of its section. Whoever builds the managers hands it in.
package struct SectionCatalogue: Sendable, ExpressibleByDictionaryLiteral {
    private let managers: [(type: String, schema: SectionSchema)]

    /// The keys that every manager has are added to each schema.
    package init(_ managers: [(type: String, schema: SectionSchema)]) {
        self.managers = managers.map { (type: $0.type, schema: $0.schema.adding(SecretSettings.commonSectionKeys)) }
    }

    package init(dictionaryLiteral elements: (String, SectionSchema)...) {
        self.init(elements.map { (type: $0.0, schema: $0.1) })
    }

    /// The names, in the order given.
    package var types: [String] { managers.map(\.type) }

    /// The keys of a manager's section; nil where there is no such manager.
    package func schema(of type: String) -> SectionSchema? { managers.first { $0.type == type }?.schema }

    /// The managers whose sections may hold all of these keys: for a section that stands alone, without its name.
    func candidates(for keys: [String]) -> [String] {
        managers.filter { manager in keys.allSatisfy { manager.schema.kind(of: $0) != nil } }.map(\.type)
    }
}
