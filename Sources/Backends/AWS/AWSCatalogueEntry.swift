internal import Configuration

/// AWS Secrets Manager in the catalogue: `type: aws-secret-manager`.
enum AWSCatalogueEntry {
    static let entry = CatalogueEntry(
        type: "aws-secret-manager",
        schema: [
            "access-key-id": .secret,
            "secret-key-id": .secret,
            "session-token": .secret,
            "region": .text,
            "prefix": .text,
            "endpoint-override": .text,
            "filter-on-prefix": .nested(["prefix": .text, "keep-prefix": .bool]),
        ]
    )
}
