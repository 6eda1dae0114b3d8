package import SecretMemory

/// `tacit.registry`: where the instances of all nodes are written down.
package struct RegistrySettings: Sendable {
    package enum Kind: String, ConfigurationChoice {
        /// Nowhere: each agent knows of itself and its clients only.
        case none
        /// A file on this node.
        case sqlite
        /// A database that all nodes reach.
        case postgresql
    }

    package var type = Kind.none
    /// The file, where the type is ``Kind/sqlite``.
    package var path: String?
    /// `jdbc:postgresql://HOST[,HOST]/DATABASE`, where the type is ``Kind/postgresql``.
    package var url: String?
    package var username: String?
    package var password: SharedSecret?
    /// Whether the URL may ask for less than a proven server behind TLS.
    package var allowInsecureTransport = false

    package init() {}
}

extension RegistrySettings {
    init(_ reader: ConfigurationReader) {
        type = reader.choice("type", default: type)
        path = reader.optionalString("path")
        url = reader.optionalString("url")
        username = reader.optionalString("username")
        password = reader.optionalSecret("password")
        allowInsecureTransport = reader.bool("allow-insecure-transport", default: allowInsecureTransport)
        switch type {
        case .none: refuse(["path", "url"], of: reader)
        case .sqlite:
            refuse(["url"], of: reader)
            if path?.isEmpty ?? true { reader.report("path", "is missing: the file, such as /var/lib/tacit/nodes.db") }
        case .postgresql:
            refuse(["path"], of: reader)
            if url?.isEmpty ?? true { reader.report("url", "is missing: jdbc:postgresql://HOST/DATABASE") }
        }
        reader.finish()
    }

    private func refuse(_ keys: [String], of reader: ConfigurationReader) {
        for key in keys where reader.has(key) {
            reader.report(key, "belongs to another type of registry than \(type.rawValue); set tacit.registry.type")
        }
    }
}
