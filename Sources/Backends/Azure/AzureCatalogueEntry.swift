internal import Configuration

/// Azure Key Vault in the catalogue: `type: azure-key-vault`.
enum AzureCatalogueEntry {
    static let entry = CatalogueEntry(
        type: "azure-key-vault",
        schema: [
            "client-secret": .nested(["tenant-id": .text, "client-id": .text, "client-secret": .secret]),
            "vault-name": .text,
            "key-vault-uri": .text,
            "prefix": .text,
        ]
    )
}
