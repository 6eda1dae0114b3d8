internal import Configuration

/// `type: cyberark` for a Privileged Access Manager.
enum PasswordVaultSection {
    private static let type = CyberArkCatalogueEntry.type
    private static let place = "/PasswordVault"

    static func read(_ section: CyberArkSection) -> ReadyManager {
        let (reader, settings) = (section.reader, section.settings)
        let username = reader.string("username")
        let password = reader.secret("password")
        let authentication = reader.choice("auth-type", default: PasswordVaultAuthentication.cyberArk)
        let isConcurrent = reader.bool("concurrent-session", default: true)
        let options = PasswordVaultOptions(
            server: section.server(at: place),
            names: AccountNames(layout: section.layout, safe: section.safe()),
            platform: section.text("platform-id"),
            reason: section.text("reason"),
            isReadOnly: settings.readOnly,
            tags: settings.tags
        )
        var warnings = section.warnings
        if !settings.readOnly, (options.names.safe == nil) != (options.platform == nil) {
            warnings.append("writes need both safe and platform-id, and one of them is missing")
        }
        return ReadyManager(warnings: warnings) { [web = section.web] (surroundings) throws(CatalogueError) in
            guard let password else {
                throw .refused(type: type, reason: "there is no password")
            }
            let logon = PasswordVaultLogon(
                username: username,
                password: password,
                authentication: authentication,
                isConcurrent: isConcurrent
            )
            return PasswordVaultBackend(
                options: options,
                logon: logon,
                service: try WebSection.service(web, for: type),
                surroundings
            )
        }
    }
}
