internal import Secrets

/// Tags stand in a document as texts `NAME=VALUE`, so that a search finds each. In a name, `=` and `%` are `%3D` and
/// `%25`.
enum DocumentTags {
    /// Bytes of a text that Elasticsearch can search for; a longer one it refuses, with the document.
    static let maximumBytes = 32_766

    static func text(_ name: String, _ value: String) -> String {
        var written = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "=": written += "%3D"
            case "%": written += "%25"
            default: written.unicodeScalars.append(scalar)
            }
        }
        return "\(written)=\(value)"
    }

    static func texts(_ tags: [String: String]) -> [String] { tags.map { text($0, $1) }.sorted() }

    static func objection(to tags: [String: String]) -> BackendError? {
        guard let long = tags.first(where: { text($0, $1).utf8.count > maximumBytes }) else { return nil }
        return .unsupported(detail: "the tag \(long.key.prefix(64)) has more than \(maximumBytes) bytes with its name")
    }

    /// What is no such text counts as a name without a value.
    static func tags(_ texts: [String]) -> [String: String] {
        var tags: [String: String] = [:]
        for text in texts {
            let bytes = Array(text.utf8)
            guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")),
                let name = PercentEncoding.decode(String(decoding: bytes[..<sign], as: UTF8.self))
            else {
                tags[text] = ""
                continue
            }
            tags[name] = String(decoding: bytes[(sign + 1)...], as: UTF8.self)
        }
        return tags
    }
}
