internal import Configuration

/// Google Secret Manager in the catalogue: `type: google-secret-manager`.
enum GoogleCatalogueEntry {
    static let entry = CatalogueEntry(
        type: "google-secret-manager",
        schema: [
            "project": .text,
            "service-account": .secret,
            "prefix": .text,
        ]
    )
}
