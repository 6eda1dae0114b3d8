internal import Secrets

/// An account as a Privileged Access Manager lists it.
struct PasswordVaultAccount: Sendable {
    let id: String
    let name: String
    let safe: String
    /// Whether its secret is a key for SSH, and no password.
    let isKey: Bool
    /// When the secret was changed, in milliseconds since 1970.
    let modified: Int64?
    /// Of its platform; no secret is among them.
    let properties: [String: String]

    /// - Parameter action: what was being done, for the operator.
    init(_ node: JSONDocument.Node, in json: borrowing JSONDocument, _ action: String) throws(BackendError) {
        guard let id = json.string(json.node("id", in: node)), Self.isID(id),
            let safe = json.string(json.node("safeName", in: node))
        else { throw .malformed(detail: "\(action) was answered with an account that has no id or safe") }
        self.id = id
        self.safe = safe
        name = json.string(json.node("name", in: node)) ?? ""
        isKey = json.string(json.node("secretType", in: node))?.lowercased() == "key"
        let seconds =
            json.integer(json.node("secretManagement", "lastModifiedTime", in: node))
            ?? json.integer(json.node("createdTime", in: node))
        modified = seconds.flatMap { (0..<100_000_000_000).contains($0) ? $0 * 1000 : nil }
        var properties: [String: String] = [:]
        if let written = json.node("platformAccountProperties", in: node) {
            for (name, value) in json.members(of: written) { properties[name] = json.string(value) }
        }
        self.properties = properties
    }

    /// Whether it is one as addresses have it, `29_7`; anything else would lead to another place.
    private static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
