internal import Configuration
internal import HTTP
internal import Secrets

/// Delinea Secret Server in the catalogue: `type: delinea`.
enum DelineaCatalogueEntry {
    private static let type = "delinea"

    static let entry = CatalogueEntry(type: type, schema: schema.adding(WebSection.schema), read: read)

    private static let schema: SectionSchema = [
        "address": .text,
        "username": .text,
        "password": .secret,
        "domain": .text,
        "folder-id": .text,
        "secret-template-id": .text,
        "layout": .text,
        "value-field": .text,
        "fields": .map,
    ]

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let web = WebSection.read(reader)
        let address = WebSection.address(reader.string("address"), "address", reader)
        let username = reader.string("username")
        let password = reader.secret("password")
        let domain = reader.optionalString("domain").flatMap { $0.isEmpty ? nil : $0 }
        var warnings = [WebSection.warning(about: address, web)].compactMap { $0 }
        let folder = number("folder-id", reader, &warnings)
        let template = number("secret-template-id", reader, &warnings)
        let options = DelineaOptions(
            server: address.map(base) ?? "",
            folder: folder.value,
            template: template.value,
            valueField: reader.optionalString("value-field"),
            fields: reader.stringMap("fields"),
            names: QualifiedNames(
                layout: NameLayout.read(reader, isReadOnly: settings.readOnly),
                maximumCharacters: DelineaOptions.maximumNameCharacters
            ),
            isReadOnly: settings.readOnly,
            tags: settings.tags
        )
        if !settings.readOnly, folder.isMissing != template.isMissing {
            warnings.append("writes need both folder-id and secret-template-id, and one of them is missing")
        }
        if !settings.filterTags.isEmpty {
            warnings.append("filter-on-tags has no meaning for Secret Server, and is not used")
        }
        let wrong = [folder.wrong, template.wrong].compactMap { $0 }.first
        return ReadyManager(warnings: warnings) { (surroundings) throws(CatalogueError) in
            if let wrong { throw .refused(type: type, reason: wrong) }
            guard let password else { throw .refused(type: type, reason: "there is no password") }
            let service = try WebSection.service(web, for: type)
            let login = DelineaLogin(username: username, password: password, domain: domain)
            return DelineaBackend(options: options, login: login, service: service, surroundings)
        }
    }

    /// A number of Secret Server's. What is none is said in a warning, and ends the start: a check accepts the placeholders that
    /// documentation has in its place.
    private static func number(
        _ key: String,
        _ reader: ConfigurationReader,
        _ warnings: inout [String]
    ) -> (value: Int64?, isMissing: Bool, wrong: String?) {
        guard let text = reader.optionalString(key) else { return (nil, true, nil) }
        if let value = Int64(text), value > 0 { return (value, false, nil) }
        let wrong = "\(key) must be a number, as the address of its page in Secret Server shows it"
        warnings.append(wrong)
        return (nil, false, wrong)
    }

    /// The part of an address that all requests begin with, also where more of one was pasted.
    private static func base(_ address: HTTPAddress) -> String {
        var path = address.pathWithoutSlash
        for end in ["/api/v1", "/oauth2/token"] where path.hasSuffix(end) { path.removeLast(end.count) }
        return address.origin + path
    }
}
