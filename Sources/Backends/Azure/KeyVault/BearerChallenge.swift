internal import HTTP
internal import SecretMemory
internal import Secrets

/// What a vault wants to see, as it says in `WWW-Authenticate` of its 401: whose token, and for what.
struct BearerChallenge: Sendable, Equatable {
    /// Bytes of a header that are looked at, and parameters.
    private static let maximumBytes = 16 << 10
    private static let maximumParameters = 64

    /// The address of the authority with the tenant, as it came.
    private(set) var authorization: String?
    /// What a token is to be asked for, without a slash and without `/.default` at its end.
    private(set) var resource: String?
    /// What the token must fulfil beside it, Base64url of JSON; then one that is good otherwise does not help.
    private(set) var claims: String?

    /// - Returns: nil where there is no Bearer challenge among those of the header.
    init?(_ header: String) {
        guard header.utf8.count <= Self.maximumBytes else { return nil }
        var reader = Reader(rest: header.utf8[...])
        var isFound = false
        var isBearer = false
        for _ in 0..<Self.maximumParameters {
            guard let item = reader.next() else { break }
            switch item {
            case .scheme(let name):
                // The first one counts: a second is of another realm.
                isBearer = name.lowercased() == "bearer" && !isFound
                isFound = isFound || isBearer
            case .parameter(let name, let value):
                if isBearer { take(name.lowercased(), value) }
            }
        }
        guard isFound else { return nil }
    }

    private mutating func take(_ name: String, _ value: String) {
        switch name {
        case "authorization", "authorization_uri": authorization = authorization ?? value
        case "resource", "scope": resource = resource ?? Self.resource(value)
        case "claims": claims = value
        default: break
        }
    }

    private static func resource(_ text: String) -> String {
        var resource = text[...]
        if resource.hasSuffix("/.default") { resource.removeLast("/.default".count) }
        while resource.hasSuffix("/") { resource.removeLast() }
        return String(resource)
    }

    /// The first step of the authority's path; nil where there is none.
    var tenant: String? {
        guard let authorization, let address = try? HTTPAddress(authorization) else { return nil }
        return address.path.split(separator: "/").first.map(String.init)
    }

    /// The claims as JSON; nil where there are none, or they cannot be read.
    var claimsText: String? {
        guard let claims, let bytes = try? Base64.decodeURL(claims.utf8Span.span, account: .general) else { return nil }
        return String(utf8: bytes.bytes)
    }

    /// Takes a header's challenges apart (RFC 9110, section 11). Commas and equal signs may stand inside quotes.
    private struct Reader {
        enum Item {
            case scheme(String)
            case parameter(String, String)
        }

        var rest: Substring.UTF8View

        mutating func next() -> Item? {
            while let byte = rest.first, Self.isSpace(byte) || byte == UInt8(ascii: ",") { rest.removeFirst() }
            let name = rest.prefix { !Self.isSpace($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
            guard !name.isEmpty else { return nil }
            rest = rest[name.endIndex...]
            let text = String(Substring(name))
            var ahead = rest
            while let byte = ahead.first, Self.isSpace(byte) { ahead.removeFirst() }
            guard ahead.first == UInt8(ascii: "=") else { return .scheme(text) }
            ahead.removeFirst()
            while let byte = ahead.first, Self.isSpace(byte) { ahead.removeFirst() }
            rest = ahead
            return .parameter(text, value())
        }

        private mutating func value() -> String {
            guard rest.first == UInt8(ascii: "\"") else {
                let plain = rest.prefix { !Self.isSpace($0) && $0 != UInt8(ascii: ",") }
                rest = rest[plain.endIndex...]
                return String(Substring(plain))
            }
            rest.removeFirst()
            var value: [UInt8] = []
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\"") { break }
                value.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
            }
            return String(decoding: value, as: UTF8.self)
        }

        private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    }
}
