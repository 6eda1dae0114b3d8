internal import Configuration

/// Managers whose sections are understood, so that a configuration that names them loads, and that are not built yet.
enum UnbuiltCatalogueEntries {
    static let beforeJDBC = [CatalogueEntry(type: "elasticsearch", schema: ["secret": .secret])]
    static let afterJDBC = [
        CatalogueEntry(type: "cyberark", schema: ["address": .text, "username": .text, "password": .secret])
    ]
}
