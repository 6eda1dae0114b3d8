internal import SecretMemory
internal import Secrets

/// How the index is laid out. Its mapping is strict: a member that is not in it is refused, and stored nowhere.
enum IndexLayout {
    /// The envelope that its documents hold.
    static let format = "SAE1"
    /// Grows when documents change so that older agents cannot read them.
    static let schema: Int64 = 1

    /// In the order of the documentation.
    static let fields = [
        ("tenant", "keyword"), ("namespace", "keyword"), ("name", "keyword"), ("version", "long"),
        ("key_id", "keyword"), ("envelope", "binary"), ("tags", "keyword"), ("description", "text"),
        ("created_at", "date"), ("updated_at", "date"), ("deleted_at", "date"),
    ]

    /// The body of the request that makes it.
    static func creation() throws(MemoryError) -> SharedSecret {
        var writer = JSONWriter()
        try writer.beginObject()
        try writer.key("settings")
        try writer.beginObject()
        try writer.key("number_of_shards")
        try writer.integer(1)
        try writer.key("auto_expand_replicas")
        try writer.string("0-1")
        try writer.endObject()
        try writer.key("mappings")
        try writer.beginObject()
        try writer.key("dynamic")
        try writer.string("strict")
        try writer.key("_meta")
        try writer.beginObject()
        try writer.key("format")
        try writer.string(format)
        try writer.key("schema")
        try writer.integer(schema)
        try writer.endObject()
        try writer.key("properties")
        try writer.beginObject()
        for (name, type) in fields {
            try writer.key(name)
            try writer.beginObject()
            try writer.key("type")
            try writer.string(type)
            if name == "description" {
                try writer.key("index")
                try writer.boolean(false)
            }
            try writer.endObject()
        }
        try writer.endObject()
        try writer.endObject()
        try writer.endObject()
        return SharedSecret(try writer.finish())
    }

    /// What is wrong with an index, and what to do; nil where it can be used.
    ///
    /// - Parameter json: the answer to a question for the mapping of one name.
    static func obstacle(_ json: borrowing JSONDocument) -> String? {
        let indices = json.members(of: json.root)
        guard indices.count == 1, let mappings = json.node("mappings", in: indices[0].value) else {
            return "the name stands for \(indices.count) indices; give the name of one"
        }
        let found = json.integer(json.node("_meta", "schema", in: mappings))
        if json.string(json.node("_meta", "format", in: mappings)) == format, let found, found > schema {
            return "it was made by a newer agent (schema \(found), this one knows \(schema)); use a newer agent"
        }
        guard json.string(json.node("_meta", "format", in: mappings)) == format, found == schema else {
            return "it was not made for this agent; give another name, or make it as the documentation shows"
        }
        if json.boolean(json.node("_source", "enabled", in: mappings)) == false {
            return "it does not keep documents (_source is off), perhaps by a template; make it without"
        }
        guard json.string(json.node("dynamic", in: mappings)) == "strict" else {
            return "its mapping is not strict, perhaps by a template; make it as the documentation shows"
        }
        for (name, type) in fields {
            let actual = json.string(json.node("properties", name, "type", in: mappings))
            guard actual == type else {
                return """
                    its field \(name) is \(actual ?? "missing") and not \(type), perhaps by a template; \
                    make the index as the documentation shows
                    """
            }
        }
        return nil
    }
}
