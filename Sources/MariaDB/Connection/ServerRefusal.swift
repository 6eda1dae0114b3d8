internal import Databases

/// What the server, or the library, says by number.
enum ServerRefusal {
    static func error(_ code: UInt32, _ text: String) -> DatabaseError {
        let kind = kind(code)
        let isSayable: Bool =
            switch kind {
            // These name users, databases, tables and the server's state. Others may quote what was sent.
            case .refusedLogin, .missingDatabase, .missingPrivilege, .missingTable, .readOnly, .exhausted, .untrusted,
                .unreachable:
                true
            default: false
            }
        let message = isSayable && !text.isEmpty ? ServerText.printable(text) : words(kind)
        return DatabaseError(kind, message, state: String(code))
    }

    static func kind(_ code: UInt32) -> DatabaseError.Kind {
        switch code {
        case 1045, 1698, 1251, 2049, 2059, 2061: .refusedLogin
        case 1049: .missingDatabase
        case 1044, 1142, 1143, 1227, 1370: .missingPrivilege
        case 1146, 1054, 1305: .missingTable
        case 1062, 1586: .duplicate
        case 1048, 1364, 1406, 1264, 1451, 1452, 3819, 4025: .constraint
        case 1213, 1020: .conflict
        case 1290, 1792, 1836, 3032: .readOnly
        case 1040, 1203, 1226, 1041, 1037, 1021, 1114: .exhausted
        case 1205, 1969, 3024, 1317: .timeout
        case 1927, 1053, 2006, 2013, 2055, 1152, 1158, 1159, 1160, 1161, 4031: .lost
        case 2001...2005, 1130, 1129: .unreachable
        case 2026, 3159: .untrusted
        // 2057: other columns than were announced, whose rows still wait in the connection. 2014: such rows were left.
        case 2027, 2020, 1153, 2014, 2057: .malformed
        case 2008, 1038: .memory
        default: .other
        }
    }

    private static func words(_ kind: DatabaseError.Kind) -> String {
        switch kind {
        case .duplicate: "there is a row with that key already"
        case .constraint: "a row does not satisfy a constraint"
        case .conflict: "another transaction was in the way"
        case .timeout: "the database gave up on a statement or a lock after the time that it has"
        case .lost: "the connection to the database was lost"
        case .malformed: "the database's answer makes no sense"
        case .memory: "no memory for the database's answer"
        default: "the server refused the statement"
        }
    }
}
