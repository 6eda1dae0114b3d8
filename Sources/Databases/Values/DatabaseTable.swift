/// A table in a statement, with its schema where it is not in the usual one.
package struct DatabaseTable: Equatable, Sendable, CustomStringConvertible {
    package let schema: DatabaseIdentifier?
    package let name: DatabaseIdentifier

    package init(_ name: DatabaseIdentifier, in schema: DatabaseIdentifier?) {
        self.name = name
        self.schema = schema
    }

    /// One of the program's own, where tables usually are.
    package init(_ literal: StaticString) {
        name = DatabaseIdentifier(literal: literal)
        schema = nil
    }

    package var description: String { schema.map { "\($0.name).\(name.name)" } ?? name.name }
}
