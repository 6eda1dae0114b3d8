/// A name of a table, schema or column that is safe to stand in a statement as it is.
package struct DatabaseIdentifier: Equatable, Sendable {
    package let name: String

    /// - Returns: nil where it is anything else than 1 to 63 small letters, digits and underscores, no digit first.
    package init?(_ name: String) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isPlain, (1...63).contains(name.utf8.count), name.first?.isNumber == false else { return nil }
        self.name = name
    }

    /// A name of the program's own.
    package init(literal: StaticString) {
        precondition(DatabaseIdentifier("\(literal)") != nil, "a table's name in the program is a plain one")
        name = "\(literal)"
    }
}

/// The text of a statement: a literal of the program, into which only identifiers can be put. Values come as parameters.
package struct DatabaseStatement: ExpressibleByStringInterpolation, Sendable {
    /// With identifiers in double quotes, as the standard has them.
    package let text: String
    /// With identifiers in backticks, as MariaDB and MySQL have them.
    package let quotedByBackticks: String

    package init(stringLiteral value: StaticString) {
        text = "\(value)"
        quotedByBackticks = text
    }

    package init(stringInterpolation: Interpolation) {
        text = stringInterpolation.text
        quotedByBackticks = stringInterpolation.quotedByBackticks
    }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var quotedByBackticks = ""

        package init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        package mutating func appendLiteral(_ literal: StaticString) {
            text += "\(literal)"
            quotedByBackticks += "\(literal)"
        }

        /// In quotes, so that a reserved word is a name too.
        package mutating func appendInterpolation(_ identifier: DatabaseIdentifier) {
            text += "\"\(identifier.name)\""
            quotedByBackticks += "`\(identifier.name)`"
        }

        package mutating func appendInterpolation(_ table: DatabaseTable) {
            if let schema = table.schema {
                appendInterpolation(schema)
                appendLiteral(".")
            }
            appendInterpolation(table.name)
        }
    }
}
