internal import Databases

extension DatabaseError.Kind {
    /// The kind of a five-character code.
    init(state: String) {
        switch state {
        case "42501": self = .missingPrivilege
        case "42P01", "3F000", "42703", "42883", "42704": self = .missingTable
        case "3D000": self = .missingDatabase
        case "23505": self = .duplicate
        case "40001", "40P01": self = .conflict
        case "25006": self = .readOnly
        case "55P03", "57014": self = .timeout
        // Idle in a transaction for too long: the server has hung up.
        case "25P03", "57P05": self = .lost
        default:
            switch state.prefix(2) {
            case "28": self = .refusedLogin
            case "23": self = .constraint
            case "40": self = .conflict
            case "53": self = .exhausted
            case "08": self = .lost
            case "57": self = .lost
            default: self = .other
            }
        }
    }
}

/// What of a server's answer may be said.
enum ServerMessage {
    /// - Parameters:
    ///   - primary: the server's own sentence.
    ///   - table: the table that a constraint belongs to.
    static func text(state: String, primary: String, table: String?, constraint: String?) -> String {
        if state.hasPrefix("23") {
            let place = table.map { " of table \(ServerText.quoted($0))" } ?? ""
            return
                "a row does not satisfy \(constraint.map { "the constraint \(ServerText.quoted($0))" } ?? "a constraint")\(place)"
        }
        // These classes speak of objects, rights and the server's own state. Others may quote what was sent.
        let classes = ["08", "25", "28", "3D", "3F", "40", "42", "53", "55", "57", "58"]
        guard classes.contains(where: { state.hasPrefix($0) }), !primary.isEmpty else {
            return "the server refused the statement"
        }
        return ServerText.printable(primary)
    }
}
