internal import Secrets

/// Texts beside a secret that no list can be filtered by. Names stand here as they are, for people who look at the project.
enum GoogleAnnotations {
    static let description = "kestra-description"
    /// Most bytes of a description; all annotations together have 16 KiB.
    static let maximumDescriptionBytes = 8 << 10

    static func of(_ write: SecretWrite, prefix: String) -> [String: String] {
        var annotations = [
            "kestra-namespace": write.name.namespace, "kestra-key": write.name.key, "kestra-prefix": prefix,
        ]
        if !write.name.tenant.isEmpty { annotations["kestra-tenant"] = write.name.tenant }
        if let text = write.description { annotations[description] = text }
        return annotations
    }
}
