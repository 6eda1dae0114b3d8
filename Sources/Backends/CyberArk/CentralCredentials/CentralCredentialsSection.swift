internal import Configuration

/// `type: cyberark` for a Central Credential Provider.
enum CentralCredentialsSection {
    private static let type = CyberArkCatalogueEntry.type
    private static let place = "/AIMWebService"

    static func read(_ section: CyberArkSection) -> ReadyManager {
        let application = section.reader.string("app-id")
        let options = CentralCredentialsOptions(
            server: section.server(at: place),
            application: application,
            names: AccountNames(layout: section.layout, safe: section.safe()),
            folder: section.text("folder"),
            reason: section.text("reason")
        )
        if options.names.safe == nil {
            section.reader.report("safe", "is missing; a Central Credential Provider needs it")
        }
        return ReadyManager(warnings: section.warnings) { [web = section.web] (surroundings) throws(CatalogueError) in
            CentralCredentialsBackend(options: options, service: try WebSection.service(web, for: type), surroundings)
        }
    }
}
