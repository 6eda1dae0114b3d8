internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// Doppler in the catalogue: `type: doppler`.
enum DopplerCatalogueEntry {
    private static let type = "doppler"
    private static let service = "https://api.doppler.com"

    static let entry = CatalogueEntry(
        type: type,
        schema: ([
            "token": .secret,
            "project": .text,
            "config": .text,
            "secret-name-prefix": .text,
            "layout": .text,
            "address": .text,
        ] as SectionSchema).adding(WebSection.schema),
        read: read
    )

    @Sendable
    private static func read(_ settings: SecretSettings, _ reader: ConfigurationReader) -> ReadyManager {
        let web = WebSection.read(reader)
        let token = reader.secret("token")
        let address = WebSection.address(reader.string("address", default: service), "address", reader)
        let prefix = reader.string("secret-name-prefix", default: "")
        if !isPrefix(prefix) {
            reader.report("secret-name-prefix", "must have letters, digits and underscores, and not begin with a digit")
        }
        let options = DopplerOptions(
            origin: address?.origin ?? "",
            project: reader.string("project"),
            config: reader.string("config"),
            names: DopplerNames(
                layout: NameLayout.read(reader, isReadOnly: settings.readOnly),
                prefix: prefix
            ),
            isReadOnly: settings.readOnly,
            tags: settings.tags
        )
        var warnings = [WebSection.warning(about: address, web)].compactMap { $0 }
        if !settings.filterTags.isEmpty {
            warnings.append("filter-on-tags has no meaning for Doppler, which has no tags, and is not used")
        }
        return ReadyManager(warnings: warnings) { (surroundings) throws(CatalogueError) in
            guard let token else { throw .refused(type: type, reason: "there is no token") }
            let web = try WebSection.service(web, for: type)
            return DopplerBackend(options: options, token: token, web: web, surroundings)
        }
    }

    private static func isPrefix(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return true }
        let isName = text.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || PercentEncoding.isUnreserved($0) && !".-~".utf8.contains($0)
        }
        return isName && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    }
}
