import Configuration

/// The managers that Kestra documents, with the keys it documents, for tests of loading alone.
let testCatalogue: SectionCatalogue = [
    "env": ["files": .list, "macros": .bool],
    "aws-secret-manager": [
        "access-key-id": .secret, "secret-key-id": .secret, "session-token": .secret, "region": .text, "prefix": .text,
        "endpoint-override": .text, "filter-on-prefix": .nested(["prefix": .text, "keep-prefix": .bool]),
    ],
    "azure-key-vault": [
        "client-secret": .nested(["tenant-id": .text, "client-id": .text, "client-secret": .secret]),
        "vault-name": .text, "key-vault-uri": .text, "prefix": .text,
    ],
    "google-secret-manager": ["project": .text, "service-account": .secret, "prefix": .text],
    "vault": [
        "address": .text, "namespace": .text, "engine-version": .integer, "root-engine": .text,
        "secret-path-prefix": .text, "password": .nested(["user": .text, "password": .secret]),
        "token": .nested(["token": .secret]),
        "app-role": .nested(["path": .text, "role-id": .secret, "secret-id": .secret]),
        "kubernetes": .nested(["path": .text, "role": .text]),
    ],
    "elasticsearch": ["secret": .secret, "previous-secrets": .secretList],
    "jdbc": ["secret": .secret],
    "cyberark": ["address": .text, "username": .text, "password": .secret],
    "doppler": ["token": .secret, "project": .text, "config": .text, "secret-name-prefix": .text],
    "1password": ["address": .text, "token": .secret, "vault-id": .text],
    "beyondtrust": ["address": .text, "api-key": .secret, "run-as": .text, "folder-id": .text],
    "delinea": [
        "address": .text, "username": .text, "password": .secret, "domain": .text, "folder-id": .text,
        "secret-template-id": .text,
    ],
]
