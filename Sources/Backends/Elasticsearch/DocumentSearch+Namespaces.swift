internal import HTTP
internal import SecretMemory
internal import Secrets

extension DocumentSearch {
    /// Tenants and namespaces with values, in ascending byte order: the buckets of documents that have both the same.
    func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        let action = "listing namespaces"
        let limit = max(1, min(query.limit, Self.largestPage))
        let body = try BackendError.mappingMemory { () throws(MemoryError) in try Self.body(query, limit + 1) }
        let json = try await ask(body, doing: action)
        guard let buckets = json.node("aggregations", "places", "buckets") else {
            throw .malformed(detail: "\(action) was answered without buckets")
        }
        var found: [NamespaceName] = []
        for bucket in json.elements(of: buckets) {
            guard let tenant = json.string(json.node("key", "tenant", in: bucket)),
                let namespace = json.string(json.node("key", "namespace", in: bucket))
            else { throw .malformed(detail: "\(action) was answered with a bucket without its names") }
            found.append(NamespaceName(tenant: tenant, namespace: namespace))
        }
        return NamespacePage(namespaces: Array(found.prefix(limit)), hasMore: found.count > limit)
    }

    private static func body(_ query: NamespaceQuery, _ limit: Int) throws(MemoryError) -> SharedSecret {
        var writer = JSONWriter()
        try writer.beginObject()
        try writer.key("size")
        try writer.integer(0)
        try writer.key("track_total_hits")
        try writer.boolean(false)
        try writeQuery(query.tenant.map { [.term("tenant", $0)] } ?? [], &writer)
        for key in ["aggs", "places", "composite"] {
            try writer.key(key)
            try writer.beginObject()
        }
        try writer.key("size")
        try writer.integer(Int64(limit))
        try writer.key("sources")
        try writer.beginArray()
        for field in ["tenant", "namespace"] {
            try writer.beginObject()
            for key in [field, "terms"] {
                try writer.key(key)
                try writer.beginObject()
            }
            try writer.key("field")
            try writer.string(field)
            for _ in 0..<3 { try writer.endObject() }
        }
        try writer.endArray()
        if let after = query.after {
            try writer.key("after")
            try writer.beginObject()
            try writer.key("tenant")
            try writer.string(after.tenant)
            try writer.key("namespace")
            try writer.string(after.namespace)
            try writer.endObject()
        }
        for _ in 0..<4 { try writer.endObject() }
        return SharedSecret(try writer.finish())
    }
}
