internal import Configuration
internal import SecretMemory

/// The credential as the section has it, or, where it has none, as Kestra's connection has it.
enum ElasticsearchLogin: Equatable {
    case apiKey(SharedSecret)
    case bearer(SharedSecret)
    case password(username: String, SharedSecret)
    /// None but perhaps a client certificate.
    case certificate

    /// - Parameter client: `kestra.elasticsearch.client`, where the connection is taken from there.
    init(_ reader: ConfigurationReader, _ client: ConfigurationReader?) {
        let (key, token) = (reader.optionalSecret("api-key"), reader.optionalSecret("bearer-token"))
        let own = reader.optionalNested("basic-auth").map { Self.password($0) }
        let given = [key != nil, token != nil, own != nil].count { $0 }
        if given > 1 {
            reader.report("basic-auth", "only one of api-key, bearer-token and basic-auth may be there")
        }
        if let key {
            self = .apiKey(key)
        } else if let token {
            self = .bearer(token)
        } else if let password = own ?? client?.optionalNested("basic-auth").map({ Self.password($0) }) {
            self = password
        } else {
            self = .certificate
        }
    }

    private static func password(_ reader: ConfigurationReader) -> ElasticsearchLogin {
        let username = reader.string("username")
        if username.utf8.contains(UInt8(ascii: ":")) { reader.report("username", "cannot have a colon") }
        let password = reader.secret("password")
        reader.finish()
        return password.map { .password(username: username, $0) } ?? .certificate
    }

    /// Whether both are the same objects.
    static func == (left: ElasticsearchLogin, right: ElasticsearchLogin) -> Bool {
        switch (left, right) {
        case (.apiKey(let one), .apiKey(let other)), (.bearer(let one), .bearer(let other)): one === other
        case (.password(let name, let one), .password(let other, let two)): name == other && one === two
        case (.certificate, .certificate): true
        default: false
        }
    }

    func credential() throws(MemoryError) -> ElasticsearchCredential {
        switch self {
        case .apiKey(let key): ElasticsearchCredential(apiKey: key)
        case .bearer(let token): ElasticsearchCredential(bearer: token)
        case .password(let username, let password):
            try ElasticsearchCredential(username: username, password: password)
        case .certificate: try .certificate()
        }
    }
}
