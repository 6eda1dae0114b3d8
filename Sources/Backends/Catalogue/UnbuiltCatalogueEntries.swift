internal import Configuration

/// Managers whose sections are understood, so that a configuration that names them loads, and that are not built yet.
enum UnbuiltCatalogueEntries {
    static let entries = [
        CatalogueEntry(type: "jdbc", schema: ["secret": .secret]),
    ]
}
