internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// HashiCorp Vault and OpenBao in the catalogue: `type: vault`.
enum VaultCatalogueEntry {
    private static let type = "vault"

    static let entry = CatalogueEntry(
        type: type,
        schema: schema.adding(WebSection.schema),
        read: read
    )

    private static let schema: SectionSchema = [
        "address": .text,
        "namespace": .text,
        "engine-version": .integer,
        "root-engine": .text,
        "secret-path-prefix": .text,
        "layout": .text,
        "password": .nested(["user": .text, "password": .secret, "path": .text]),
        "token": .nested(["token": .secret]),
        "app-role": .nested([
            "path": .text, "role-id": .text, "secret-id": .secret, "secret-id-is-wrapped": .bool,
        ]),
        "kubernetes": .nested(["path": .text, "role": .text, "token-path": .text]),
    ]

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let web = WebSection.read(reader)
        let address = WebSection.address(reader.string("address"), "address", reader)
        let layout = reader.choice("layout", default: settings.readOnly ? VaultLayout.flat : .tree)
        let options = VaultOptions(
            server: address.map { $0.origin + ($0.path.hasSuffix("/") ? String($0.path.dropLast()) : $0.path) } ?? "",
            namespace: reader.optionalString("namespace").map(trimmed),
            engineVersion: reader.int("engine-version", default: 2, in: 1...2),
            rootEngine: trimmed(reader.string("root-engine", default: "secret")),
            pathPrefix: trimmed(reader.string("secret-path-prefix", default: "")),
            layout: layout,
            isReadOnly: settings.readOnly,
            tags: settings.tags
        )
        if options.rootEngine.isEmpty { reader.report("root-engine", "must not be empty") }
        let login = login(reader)
        var warnings = [WebSection.warning(about: address, web)].compactMap { $0 }
        if !options.pathPrefix.isEmpty, layout == .tree {
            warnings.append("secret-path-prefix counts only with read-only: true or layout: flat, and is not used")
        }
        if !settings.filterTags.isEmpty {
            warnings.append("filter-on-tags has no meaning for Vault, and is not used")
        }
        return ReadyManager(warnings: warnings) { (surroundings) throws(CatalogueError) in
            guard let login else { throw .refused(type: type, reason: "there is no log-in") }
            let service = try WebSection.service(web, for: type)
            return VaultBackend(options: options, login: login, service: service, surroundings)
        }
    }

    /// Exactly one of the blocks must be there.
    private static func login(_ reader: ConfigurationReader) -> VaultLogin? {
        let blocks: [(key: String, read: (ConfigurationReader) -> VaultLogin?)] = [
            ("token", token), ("password", password), ("app-role", appRole), ("kubernetes", kubernetes),
        ]
        var logins: [VaultLogin] = []
        let present = blocks.filter { reader.has($0.key) }
        for block in present {
            let nested = reader.nested(block.key)
            if let login = block.read(nested) { logins.append(login) }
            nested.finish()
        }
        guard present.count != 1 else { return logins.first }
        let names = blocks.map(\.key).joined(separator: ", ")
        reader.report(
            present.last?.key ?? "token",
            present.isEmpty
                ? "a log-in is missing: exactly one of \(names)" : "there must be exactly one log-in of \(names)"
        )
        return nil
    }

    private static func token(_ reader: ConfigurationReader) -> VaultLogin? {
        reader.secret("token").map { .token($0) }
    }

    private static func password(_ reader: ConfigurationReader) -> VaultLogin? {
        let (user, path) = (reader.string("user"), trimmed(reader.string("path", default: "userpass")))
        return reader.secret("password").map { .password(user: user, password: $0, path: path) }
    }

    private static func appRole(_ reader: ConfigurationReader) -> VaultLogin? {
        let role = VaultLogin.AppRole(
            path: trimmed(reader.string("path", default: "approle")),
            roleID: reader.string("role-id"),
            secretID: reader.optionalSecret("secret-id"),
            isWrapped: reader.bool("secret-id-is-wrapped", default: false)
        )
        if role.isWrapped, role.secretID == nil {
            reader.report("secret-id-is-wrapped", "needs a secret-id: the token that wraps it")
        }
        return .appRole(role)
    }

    private static func kubernetes(_ reader: ConfigurationReader) -> VaultLogin? {
        .kubernetes(
            role: reader.string("role"),
            path: trimmed(reader.string("path", default: "kubernetes")),
            tokenPath: reader.string("token-path", default: VaultLogin.serviceAccountToken)
        )
    }

    private static func trimmed(_ text: String) -> String {
        var part = text[...]
        while part.hasPrefix("/") { part.removeFirst() }
        while part.hasSuffix("/") { part.removeLast() }
        return String(part)
    }
}
