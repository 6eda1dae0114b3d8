internal import Databases

/// Numbers of types in the server's catalogue, which are the same in all servers.
enum PostgreSQLType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let varchar: UInt32 = 1043
    static let timestamptz: UInt32 = 1184
}

extension DatabaseParameters.Kind {
    var type: UInt32 {
        switch self {
        case .text: PostgreSQLType.text
        case .number: PostgreSQLType.int8
        case .bytes: PostgreSQLType.bytea
        }
    }
}
