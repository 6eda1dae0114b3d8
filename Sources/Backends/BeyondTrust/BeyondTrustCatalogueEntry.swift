internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// BeyondTrust's Secrets Safe in the catalogue: `type: beyondtrust`.
enum BeyondTrustCatalogueEntry {
    private static let type = "beyondtrust"
    /// The interface, at whatever place of the server it is.
    private static let interface = "/api/public/v"

    static let entry = CatalogueEntry(type: type, schema: schema.adding(WebSection.schema), read: read)

    private static let schema: SectionSchema = [
        "address": .text,
        "api-key": .secret,
        "run-as": .text,
        "run-as-password": .secret,
        "folder-id": .text,
        "owner-group-id": .integer,
        "layout": .text,
    ]

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let web = WebSection.read(reader)
        let address = WebSection.address(reader.string("address"), "address", reader)
        let key = reader.secret("api-key")
        // Documentation writes two backslashes where YAML means one; no account has two in a row.
        let user = reader.string("run-as").replacing("\\\\", with: "\\")
        let password = reader.optionalSecret("run-as-password")
        for (name, part) in [("api-key", key), ("run-as-password", password)] {
            if let part, !part.withBytes({ BeyondTrustCredential.isClean($0) }) { reader.report(name, unclean) }
        }
        if !BeyondTrustCredential.isClean(user.utf8Span.span) { reader.report("run-as", unclean) }
        var warnings = [WebSection.warning(about: address, web)].compactMap { $0 }
        let folder = reader.optionalString("folder-id")?.lowercased()
        var wrong: String?
        if let folder, !BeyondTrustRecord.isID(folder) {
            // A check accepts the placeholder that documentation has in its place; a start does not.
            wrong = "folder-id must be a GUID, 8-4-4-4-12 hexadecimal digits"
        }
        warnings += [wrong].compactMap { $0 }
        let options = BeyondTrustOptions(
            server: address.map(base) ?? "",
            folder: folder,
            ownerGroup: reader.optionalInt("owner-group-id", in: 1...Int(Int32.max)).map(Int64.init),
            names: QualifiedNames(
                layout: NameLayout.read(reader, isReadOnly: settings.readOnly),
                maximumCharacters: BeyondTrustOptions.maximumTitleCharacters
            ),
            isReadOnly: settings.readOnly,
            tags: settings.tags
        )
        if !settings.filterTags.isEmpty {
            warnings.append("filter-on-tags has no meaning for Secrets Safe, and is not used")
        }
        return ReadyManager(warnings: warnings) { [wrong] (surroundings) throws(CatalogueError) in
            if let wrong { throw .refused(type: type, reason: wrong) }
            guard let key else { throw .refused(type: type, reason: "there is no api-key") }
            let service = try WebSection.service(web, for: type)
            let credential: BeyondTrustCredential
            do throws(MemoryError) {
                credential = try BeyondTrustCredential(key: key, user: user, password: password)
            } catch {
                throw .failed(.memory(error))
            }
            return BeyondTrustBackend(options: options, credential: credential, service: service, surroundings)
        }
    }

    private static let unclean = "must not have a semicolon, a closing bracket or a line break"

    /// The part of an address that all requests begin with. Older versions have the interface elsewhere, which then is said.
    private static func base(_ address: HTTPAddress) -> String {
        var path = address.pathWithoutSlash
        if !path.lowercased().contains(interface) { path += "/BeyondTrust\(interface)3" }
        return address.origin + path
    }
}
