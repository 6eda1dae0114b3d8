internal import Secrets

/// Tags of an item are texts. A tag of ours is one text, `NAME:VALUE`, with colons and whatever is no plain character as `%XX`;
/// a text without a colon is somebody's own, and stands for a name without a value.
enum ItemTags {
    /// What stays as it is beside letters, digits and `-._~`.
    private static let kept = " @+=,;()"

    static func texts(_ tags: [String: String]) -> [String] {
        tags.map { "\(PercentEncoding.encode($0, keeping: kept)):\(PercentEncoding.encode($1, keeping: kept))" }
            .sorted()
    }

    static func tags(_ texts: [String]) -> [String: String] {
        var tags: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = PercentEncoding.decode(parts[0]),
                let value = PercentEncoding.decode(parts[1])
            else {
                tags[text] = ""
                continue
            }
            tags[name] = value
        }
        return tags
    }

    /// Those that are not written by this side, which a write leaves alone.
    static func others(_ texts: [String]) -> [String] { texts.filter { !$0.contains(":") } }
}
