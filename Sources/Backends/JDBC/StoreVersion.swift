internal import Databases
internal import Secrets

/// The version of the tables on a server.
enum StoreVersion {
    /// Grows when the tables change.
    static let current: Int64 = 1

    static func check(_ found: Int64?) throws(StoreFailure) {
        guard let found else {
            throw .database(
                DatabaseError(.missingTable, "the tables are missing, and the agent is configured to write nothing")
            )
        }
        guard found == current else {
            throw .refused(
                .malformed(
                    detail: "the tables have schema version \(found), this agent knows \(current); use a newer agent"
                )
            )
        }
    }

    static func mayNotCreate(_ call: TableCall, _ error: StoreFailure) -> StoreFailure {
        .database(
            DatabaseError(
                .missingPrivilege,
                """
                the tables \(call.secrets) and \(call.store) are missing and this user may not create them; \
                docs/backends/jdbc.md has the statements
                """
            )
        )
    }
}

extension DatabaseParameters {
    mutating func append(_ name: SecretName) {
        append(name.tenant)
        append(name.namespace)
        append(name.key)
    }

    /// Identifier, envelope, tags, description, and the name.
    mutating func append(_ content: StoredContent) {
        append(content.identifier.span)
        append(content.envelope.span)
        append(content.tags)
        append(content.description)
        append(content.name)
    }
}

extension SecretName {
    /// Texts of some databases can hold any character but this one.
    var isFreeOfZeros: Bool { [tenant, namespace, key].allSatisfy { !$0.utf8.contains(0) } }
}

extension SecretWrite {
    /// Why databases would not take what stands beside the value.
    var objectionOfTexts: BackendError? {
        let texts = [description ?? ""] + tags.flatMap { [$0.key, $0.value] }
        guard name.isFreeOfZeros, texts.allSatisfy({ !$0.utf8.contains(0) }) else {
            return .unsupported(detail: "names, tags and descriptions cannot hold a zero byte here")
        }
        return nil
    }
}
