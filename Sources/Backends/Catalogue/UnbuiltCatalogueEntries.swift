internal import Configuration

/// Managers whose sections are understood, so that a configuration that names them loads, and that are not built yet.
enum UnbuiltCatalogueEntries {
    static let entries = [
        CatalogueEntry(type: "elasticsearch", schema: ["secret": .secret]),
        CatalogueEntry(type: "jdbc", schema: ["secret": .secret]),
        CatalogueEntry(type: "cyberark", schema: ["address": .text, "username": .text, "password": .secret]),
        CatalogueEntry(type: "doppler", schema: doppler),
        CatalogueEntry(type: "1password", schema: ["address": .text, "token": .secret, "vault-id": .text]),
    ]

    private static let doppler: SectionSchema = [
        "token": .secret,
        "project": .text,
        "config": .text,
        "secret-name-prefix": .text,
    ]
}
