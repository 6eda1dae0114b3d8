internal import Configuration

/// HashiCorp Vault in the catalogue: `type: vault`.
enum VaultCatalogueEntry {
    static let entry = CatalogueEntry(
        type: "vault",
        schema: [
            "address": .text,
            "namespace": .text,
            "engine-version": .integer,
            "root-engine": .text,
            "secret-path-prefix": .text,
            "password": .nested(["user": .text, "password": .secret]),
            "token": .nested(["token": .secret]),
            "app-role": .nested(["path": .text, "role-id": .text, "secret-id": .secret]),
            "kubernetes": .nested(["path": .text, "role": .text]),
        ]
    )
}
