internal import Configuration

/// Managers whose sections are understood, so that a configuration that names them loads, and that are not built yet.
enum UnbuiltCatalogueEntries {
    static let entries = [
        CatalogueEntry(type: "elasticsearch", schema: ["secret": .secret]),
        CatalogueEntry(type: "jdbc", schema: ["secret": .secret]),
        CatalogueEntry(type: "cyberark", schema: ["address": .text, "username": .text, "password": .secret]),
    ]

    /// Those behind the ones that are built, in the order of the documentation.
    static let last = [
        CatalogueEntry(type: "beyondtrust", schema: beyondTrust),
        CatalogueEntry(type: "delinea", schema: delinea),
    ]

    private static let beyondTrust: SectionSchema = [
        "address": .text,
        "api-key": .secret,
        "run-as": .text,
        "folder-id": .text,
    ]

    private static let delinea: SectionSchema = [
        "address": .text,
        "username": .text,
        "password": .secret,
        "domain": .text,
        "folder-id": .text,
        "secret-template-id": .text,
    ]
}
