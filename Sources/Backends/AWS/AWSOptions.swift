internal import SecretMemory

/// Settings of one scope's AWS Secrets Manager.
struct AWSOptions: Sendable {
    /// Keys of the configuration; nil to look for them as AWS's own tools do.
    var keys: FixedKeys?
    /// Nil to look for it in the same places.
    var region: String?
    var endpoint: AWSEndpoint?
    var layout = AWSLayout.tagged(AWSIdentity())
    /// Labels for everything that is written.
    var tags: [AWSTag] = []
    var isReadOnly = false
    /// For how many days a deleted secret can be restored: 7 to 30.
    var recoveryDays = 30
    /// Most bytes of a value, by AWS's own limit.
    static let maximumValueBytes = 64 << 10
}

/// How secrets are told apart.
enum AWSLayout: Sendable {
    /// By their labels.
    case tagged(AWSIdentity)
    /// By their names, for secrets that somebody else keeps. Every name space sees all of them.
    case named(AWSNames)
}

/// Secrets whose names begin with a prefix (`filter-on-prefix`).
struct AWSNames: Sendable {
    static let maximumCharacters = 512

    let prefix: String
    /// Whether the prefix is part of the key.
    var keepsPrefix = false
    /// Labels that a secret must have to be seen.
    var demanded: [AWSTag] = []

    /// The name of a key's secret; nil where no secret can have it.
    func name(of key: String) -> String? {
        let name = keepsPrefix ? key : prefix + key
        // An address is no name, and would lead past the prefix.
        guard name.utf8.starts(with: prefix.utf8), !key.isEmpty, name.utf8.count <= Self.maximumCharacters,
            name.utf8.allSatisfy({ Self.isPartOfName($0) })
        else { return nil }
        return name
    }

    /// The key of a secret; nil where its name does not begin with the prefix.
    func key(of name: String) -> String? {
        guard name.utf8.starts(with: prefix.utf8) else { return nil }
        let key = keepsPrefix ? name : String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        return key.isEmpty ? nil : key
    }

    static func isPartOfName(_ byte: UInt8) -> Bool {
        PercentEncoding.isUnreserved(byte) && byte != UInt8(ascii: "~") || "/+=@".utf8.contains(byte)
    }
}
