/// The secrets managers that exist, each with the keys of its section. Whoever builds the managers hands it in.
package struct SectionCatalogue: Sendable, ExpressibleByDictionaryLiteral {
    private let managers: [(type: String, schema: SectionSchema)]
    private let foreign: [String: ForeignSection]

    /// The keys that every manager has are added to each schema.
    ///
    /// - Parameter foreign: what managers read beside their own sections, by their types.
    package init(_ managers: [(type: String, schema: SectionSchema)], foreign: [String: ForeignSection] = [:]) {
        self.foreign = foreign
        self.managers = managers.map { (type: $0.type, schema: $0.schema.adding(SecretSettings.commonSectionKeys)) }
    }

    package init(dictionaryLiteral elements: (String, SectionSchema)...) {
        self.init(elements.map { (type: $0.0, schema: $0.1) })
    }

    /// The names, in the order given.
    package var types: [String] { managers.map(\.type) }

    /// The keys of a manager's section; nil where there is no such manager.
    package func schema(of type: String) -> SectionSchema? { managers.first { $0.type == type }?.schema }

    /// What a manager reads beside its section; nil where it reads nothing else.
    func foreignSection(of type: String) -> ForeignSection? { foreign[type] }

    /// The managers whose sections may hold all of these keys: for a section that stands alone, without its name.
    func candidates(for keys: [String]) -> [String] {
        managers.filter { manager in keys.allSatisfy { manager.schema.kind(of: $0) != nil } }.map(\.type)
    }
}
