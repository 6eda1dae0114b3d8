internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// CyberArk's products in the catalogue: `type: cyberark`.
enum CyberArkCatalogueEntry {
    static let type = "cyberark"

    static let entry = CatalogueEntry(type: type, schema: schema.adding(WebSection.schema), read: read)

    private static let schema: SectionSchema = [
        "api": .text,
        "address": .text,
        "username": .text,
        "password": .secret,
        "layout": .text,
        "safe": .text,
        "reason": .text,
        "auth-type": .text,
        "platform-id": .text,
        "concurrent-session": .bool,
        "account": .text,
        "policy-path": .text,
        "api-key": .secret,
        "authenticator": .text,
        "jwt-path": .text,
        "manage-policy": .bool,
        "app-id": .text,
        "folder": .text,
    ]

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let api = api(reader)
        let section = CyberArkSection(settings, reader)
        let ready =
            switch api {
            case .pvwa: PasswordVaultSection.read(section)
            case .conjur: ConjurSection.read(section)
            case .ccp: CentralCredentialsSection.read(section)
            }
        refuseForeignKeys(reader, api)
        return ready
    }

    /// By what the section says. No server is asked which it is: a wrong one would be shown the credentials.
    private static func api(_ reader: ConfigurationReader) -> CyberArkAPI {
        if let said = reader.optionalChoice("api", CyberArkAPI.self) { return said }
        if reader.has("app-id") { return .ccp }
        return reader.has("account") ? .conjur : .pvwa
    }

    private static func refuseForeignKeys(_ reader: ConfigurationReader, _ api: CyberArkAPI) {
        let others = CyberArkAPI.allCases.filter { $0 != api }.flatMap(\.ownKeys)
        for key in others + api.foreignKeys {
            for spelling in [key, "\(key)-file"] where reader.has(spelling) {
                reader.report(spelling, "has no meaning for api: \(api.rawValue), which this section is for")
            }
        }
    }
}

/// What the sections of all products have in common.
struct CyberArkSection {
    let settings: SecretSettings
    let reader: ConfigurationReader
    let web: HTTPClientSettings
    let layout: NameLayout
    let warnings: [String]
    private let address: HTTPAddress?

    init(_ settings: SecretSettings, _ reader: ConfigurationReader) {
        self.settings = settings
        self.reader = reader
        web = WebSection.read(reader)
        address = WebSection.address(reader.string("address"), "address", reader)
        layout = NameLayout.read(reader, isReadOnly: settings.readOnly)
        var warnings = [WebSection.warning(about: address, web)].compactMap { $0 }
        if !settings.filterTags.isEmpty {
            warnings.append("filter-on-tags has no meaning for CyberArk, and is not used")
        }
        self.warnings = warnings
    }

    /// The part of the address that all requests begin with.
    ///
    /// - Parameter service: where the product is usually, for an address that names no place.
    func server(at service: String = "") -> String {
        guard let address else { return "" }
        let path = address.pathWithoutSlash
        return address.origin + (path.isEmpty ? service : path)
    }

    /// A text that is there and not empty; nil otherwise.
    func text(_ key: String) -> String? { reader.optionalString(key).flatMap { $0.isEmpty ? nil : $0 } }

    /// The safe, checked for what no safe is called.
    func safe() -> String? {
        guard let safe = text("safe") else { return nil }
        let rest = safe.replacing(AccountNames.tenantMark, with: "")
        if rest.utf16.count > AccountNames.maximumSafeCharacters
            || rest.contains(where: { "\\/:*<>\".|{}&+%; ".contains($0) })
        {
            reader.report(
                "safe",
                """
                must have at most \(AccountNames.maximumSafeCharacters) characters, without blanks and \
                \\/:*<>".|&+%;{}, but \
                {tenant} may stand for the tenant
                """
            )
        }
        return safe
    }
}
