internal import SecretMemory
internal import Secrets

/// What a vault says of a secret beside its value.
struct KeyVaultSecret: Sendable {
    /// As the vault writes it; case does not count.
    let name: String
    /// 32 digits; "" in a listing.
    let version: String
    let tags: SecretTags
    let contentType: String?
    let isEnabled: Bool
    /// Seconds since 1970; the vault itself does not look at them.
    let notBefore: Int64?
    let expires: Int64?
    let updated: Int64?

    /// - Parameter node: an entry of a listing; nil for the answer to a read or a write.
    /// - Returns: nil where it is none.
    init?(_ document: borrowing JSONDocument, _ node: JSONDocument.Node? = nil) {
        guard let id = document.string(document.node("id", in: node)),
            let parts = Self.parts(id)
        else { return nil }
        (name, version) = parts
        var tags: [String: String] = [:]
        if let labels = document.node("tags", in: node) {
            for (name, value) in document.members(of: labels) { tags[name] = document.string(value) ?? "" }
        }
        self.tags = SecretTags(tags)
        contentType = document.string(document.node("contentType", in: node))
        isEnabled = document.boolean(document.node("attributes", "enabled", in: node)) ?? true
        notBefore = document.integer(document.node("attributes", "nbf", in: node))
        expires = document.integer(document.node("attributes", "exp", in: node))
        updated = document.integer(document.node("attributes", "updated", in: node))
    }

    /// Whether the vault takes a name for this secret's.
    func hasName(_ other: String) -> Bool { name.lowercased() == other.lowercased() }

    /// `https://HOST/secrets/NAME/VERSION`, and without a version in listings.
    private static func parts(_ id: String) -> (name: String, version: String)? {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5 || parts.count == 6, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty,
            parts[3] == "secrets", !parts[4].isEmpty
        else { return nil }
        return (String(parts[4]), parts.count == 6 ? String(parts[5]) : "")
    }
}

/// How bytes are kept where only text can be: as they are where they are text, else in Base64 under a content type that says so.
/// The mark is the agent's own; what others wrote under other types is taken as it is.
enum StoredForm {
    case text, bytes

    /// Bytes of a value in the vault; the vendor says 25 k.
    static let maximumBytes = 25_600

    init(of value: Span<UInt8>) {
        self = value.isUTF8 && !Self.hasControls(value) ? .text : .bytes
    }

    init(contentType: String?) { self = contentType == StoredForm.bytes.contentType ? .bytes : .text }

    var contentType: String {
        switch self {
        case .text: "text/plain"
        case .bytes: "application/octet-stream;base64"
        }
    }

    /// Bytes of a value that can be kept in this form.
    var limit: Int {
        switch self {
        case .text: Self.maximumBytes
        case .bytes: Self.maximumBytes / 4 * 3
        }
    }

    /// Nobody promises that a zero byte, or an escape, comes back from a service of text as it was.
    private static func hasControls(_ value: Span<UInt8>) -> Bool {
        for index in value.indices where value[index] < 0x20 || value[index] == 0x7f {
            switch value[index] {
            case UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
            default: return true
            }
        }
        return false
    }
}
