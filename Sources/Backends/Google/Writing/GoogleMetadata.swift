internal import SecretMemory
internal import Secrets

/// What stands beside a value: labels, which lists can be filtered by, and annotations.
///
/// What others have put there stays: labels are also used for bills and policies.
struct GoogleMetadata: Sendable {
    private let labels: [String: String]
    private let annotations: [String: String]
    private let replicaLocations: [String]
    private let isRegional: Bool

    /// - Throws: where tags are no labels, which the service would refuse without saying which.
    init(of write: SecretWrite, _ options: GoogleOptions) throws(BackendError) {
        if let (name, fault) = GoogleLabels.fault(in: write.tags) {
            throw .unsupported(detail: "the tag \(name.debugDescription) \(fault)")
        }
        if let description = write.description, description.utf8.count > GoogleAnnotations.maximumDescriptionBytes {
            let limit = GoogleAnnotations.maximumDescriptionBytes
            throw .unsupported(detail: "the description has more than \(limit) bytes")
        }
        labels = options.labels.merging(write.tags) { _, own in own }
        guard labels.count <= GoogleLabels.maximumCount else {
            throw .unsupported(detail: "a secret has at most \(GoogleLabels.maximumCount) labels")
        }
        annotations = GoogleAnnotations.of(write, prefix: options.prefix)
        replicaLocations = options.replicaLocations
        isRegional = options.location != nil
    }

    /// A change of a secret that is there.
    struct Change {
        let labels: [String: String]
        let annotations: [String: String]
        let etag: String?

        func write(to json: inout JSONWriter) throws(MemoryError) {
            try json.beginObject()
            if let etag {
                try json.key("etag")
                try json.string(etag)
            }
            try json.texts("labels", labels)
            try json.texts("annotations", annotations)
            try json.endObject()
        }
    }

    /// nil where everything is there already.
    func change(of secret: ListedSecret) -> Change? {
        let labels = secret.labels.merging(labels) { _, wanted in wanted }
        let annotations = secret.annotations.merging(annotations) { _, wanted in wanted }
        if labels == secret.labels, annotations == secret.annotations { return nil }
        return Change(labels: labels, annotations: annotations, etag: secret.etag)
    }

    /// The body that makes a secret.
    func writeSecret(to json: inout JSONWriter) throws(MemoryError) {
        try json.beginObject()
        if !isRegional { try writeReplication(to: &json) }
        try json.texts("labels", labels)
        try json.texts("annotations", annotations)
        try json.endObject()
    }

    private func writeReplication(to json: inout JSONWriter) throws(MemoryError) {
        try json.key("replication")
        try json.beginObject()
        if replicaLocations.isEmpty {
            try json.key("automatic")
            try json.beginObject()
            try json.endObject()
        } else {
            try json.key("userManaged")
            try json.beginObject()
            try json.key("replicas")
            try json.beginArray()
            for location in replicaLocations {
                try json.beginObject()
                try json.key("location")
                try json.string(location)
                try json.endObject()
            }
            try json.endArray()
            try json.endObject()
        }
        try json.endObject()
    }
}

extension JSONWriter {
    /// A member that is an object of texts, in the order of their names.
    fileprivate mutating func texts(_ name: String, _ texts: [String: String]) throws(MemoryError) {
        try key(name)
        try beginObject()
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            try key(name)
            try string(text)
        }
        try endObject()
    }
}
