internal import Configuration

/// Managers whose sections are understood, so that a configuration that names them loads, and that are not built yet.
enum UnbuiltCatalogueEntries {
    static let entries = [
        CatalogueEntry(type: "aws-secret-manager", schema: aws),
        CatalogueEntry(type: "azure-key-vault", schema: azure),
        CatalogueEntry(type: "google-secret-manager", schema: google),
        CatalogueEntry(type: "vault", schema: vault),
        CatalogueEntry(type: "elasticsearch", schema: ["secret": .secret]),
        CatalogueEntry(type: "jdbc", schema: ["secret": .secret]),
        CatalogueEntry(type: "cyberark", schema: ["address": .text, "username": .text, "password": .secret]),
        CatalogueEntry(type: "doppler", schema: doppler),
        CatalogueEntry(type: "1password", schema: ["address": .text, "token": .secret, "vault-id": .text]),
        CatalogueEntry(type: "beyondtrust", schema: beyondTrust),
        CatalogueEntry(type: "delinea", schema: delinea),
    ]

    private static let aws: SectionSchema = [
        "access-key-id": .secret,
        "secret-key-id": .secret,
        "session-token": .secret,
        "region": .text,
        "prefix": .text,
        "endpoint-override": .text,
        "filter-on-prefix": .nested(["prefix": .text, "keep-prefix": .bool]),
    ]

    private static let azure: SectionSchema = [
        "client-secret": .nested(["tenant-id": .text, "client-id": .text, "client-secret": .secret]),
        "vault-name": .text,
        "key-vault-uri": .text,
        "prefix": .text,
    ]

    private static let google: SectionSchema = [
        "project": .text,
        "service-account": .secret,
        "prefix": .text,
    ]

    private static let vault: SectionSchema = [
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

    private static let doppler: SectionSchema = [
        "token": .secret,
        "project": .text,
        "config": .text,
        "secret-name-prefix": .text,
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
