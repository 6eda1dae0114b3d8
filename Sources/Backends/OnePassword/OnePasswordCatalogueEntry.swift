internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// 1Password Connect in the catalogue: `type: 1password`.
enum OnePasswordCatalogueEntry {
    private static let type = "1password"
    private static let identifierCharacters = 26

    static let entry = CatalogueEntry(
        type: type,
        schema: (["address": .text, "token": .secret, "vault-id": .text, "layout": .text] as SectionSchema)
            .adding(WebSection.schema),
        read: read
    )

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let web = WebSection.read(reader)
        let token = reader.secret("token")
        let address = WebSection.address(reader.string("address"), "address", reader)
        let vaultID = reader.string("vault-id")
        let options = OnePasswordOptions(
            server: address.map(server) ?? "",
            vaultID: vaultID,
            layout: NameLayout.read(reader, isReadOnly: settings.readOnly),
            isReadOnly: settings.readOnly,
            tags: settings.tags,
            filter: settings.readOnly ? settings.filterTags : [:]
        )
        var warnings = [WebSection.warning(about: address, web)].compactMap { $0 }
        if !isIdentifier(vaultID) {
            warnings.append(
                "vault-id is no identifier of a vault, which has 26 small letters and digits; its name does not do"
            )
        }
        if !settings.filterTags.isEmpty, !settings.readOnly {
            warnings.append("filter-on-tags counts only with read-only: true")
        }
        return ReadyManager(warnings: warnings) { (surroundings) throws(CatalogueError) in
            guard let token else { throw .refused(type: type, reason: "there is no token") }
            let web = try WebSection.service(web, for: type)
            return OnePasswordBackend(options: options, token: token, web: web, surroundings)
        }
    }

    /// Addresses are written with and without a slash at the end, and with the `/v1` of the interface.
    private static func server(_ address: HTTPAddress) -> String {
        var path = address.pathWithoutSlash
        if path.hasSuffix("/v1") { path.removeLast(3) }
        while path.hasSuffix("/") { path.removeLast() }
        return address.origin + path
    }

    private static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == identifierCharacters
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
