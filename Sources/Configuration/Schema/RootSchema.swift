/// The keys of a whole configuration.
enum RootSchema {
    /// Everything that is read; other keys of `kestra` belong to other programs.
    static func make(_ catalogue: SectionCatalogue) -> SectionSchema {
        ["tacit": .nested(tacit(catalogue)), "kestra": .nested(kestra(catalogue))]
    }

    static func kestra(_ catalogue: SectionCatalogue) -> SectionSchema {
        [
            "secret": .nested(secret(catalogue)),
            "server": .nested([
                "liveness": .nested(liveness), "termination-grace-period": .duration,
                "worker-task-restart-strategy": .text,
                "service": .nested([
                    "purge": .nested(["retention": .duration, "initial-delay": .duration, "fixed-delay": .duration])
                ]),
            ]),
            "heartbeat": .nested(["frequency": .duration, "heartbeat-missed": .integer]),
            "encryption": .nested(["secret-key": .secret]),
            "configurations": .nested(["delete-files-on-start": .bool]),
            "retries": .nested([
                "attempts": .integer, "delay": .duration, "multiplier": .number, "max-delay": .duration,
            ]),
        ]
    }

    private static let liveness: SectionSchema = [
        "enabled": .bool, "interval": .duration, "timeout": .duration, "initial-delay": .duration,
        "heartbeat-interval": .duration,
    ]

    static func secret(_ catalogue: SectionCatalogue) -> SectionSchema {
        let common: [(name: String, kind: SectionSchema.Kind)] = [
            ("type", .text),
            ("read-only", .bool),
            ("encoding", .text),
            (
                "cache",
                .nested([
                    "enabled": .bool, "maximum-size": .integer, "maximum-bytes": .byteSize,
                    "expire-after-write": .duration, "refresh-after-write": .duration, "serve-stale-for": .duration,
                    "expire-not-found": .duration,
                ])
            ),
            ("isolation", .nested(["enabled": .bool, "denied-services": .list])),
            ("budget", .nested(BudgetSettings.schema)),
        ]
        let managers = catalogue.types.map { type in
            (name: type, kind: SectionSchema.Kind.nested(catalogue.schema(of: type) ?? [:]))
        }
        return SectionSchema(
            common + managers,
            alternatives: SectionSchema.Alternatives(
                selector: "type",
                byDefault: SecretSettings().type,
                names: catalogue.types
            )
        )
    }

    private static let rule: SectionSchema = [
        "identity": .text, "service": .text, "tenant": .text, "namespaces": .list, "keys": .list, "operations": .list,
        "require": .nested(["uid": .integer, "gid": .integer]),
    ]

    static func tacit(_ catalogue: SectionCatalogue) -> SectionSchema {
        [
            "node": .text,
            "listeners": .sequence(["address": .text, "mode": .text, "owner": .text, "group": .text]),
            "tls": .nested([
                "certificate": .text, "private-key": .text, "client-ca": .text, "revocation-list": .text,
            ]),
            "policy": .nested(["grants": .sequence(rule), "denials": .sequence(rule)]),
            "scopes": .sequence(["tenant": .text, "namespace": .text, "secret": .nested(secret(catalogue))]),
            "memory": .nested(["lock": .text, "initial": .byteSize, "maximum": .byteSize]),
            "audit": .nested(["file": .text, "required": .bool]),
            "health": .nested(["address": .text]),
            "registry": .nested([
                "type": .text, "path": .text, "url": .text, "username": .text, "password": .secret,
                "allow-insecure-transport": .bool,
            ]),
            "limits": .nested([
                "connections": .integer, "requests-per-connection": .integer, "payload": .byteSize,
                "handshake-timeout": .duration, "handshakes-per-second": .integer, "idle-timeout": .duration,
                "request-timeout": .duration, "loops": .integer,
            ]),
            "log": .nested(["format": .text, "level": .text]),
            "shutdown": .nested(["grace": .duration]),
        ]
    }
}
