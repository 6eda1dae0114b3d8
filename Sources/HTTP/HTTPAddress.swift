internal import CCurl

/// The parts of an absolute `http` or `https` URL, as libcurl itself reads it, so that what is checked is what is used.
package struct HTTPAddress: Equatable, Sendable {
    /// Why a text is no such URL.
    package struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package let isSecure: Bool
    /// In lower case; an IPv6 address without its brackets.
    package let host: String
    /// The scheme's own port where none is written.
    package let port: Int
    /// Begins with a slash.
    package let path: String
    package let query: String?

    package init(_ text: String) throws(Refusal) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw Refusal(description: "an address has no spaces and no control characters")
        }
        guard let url = unsafe curl_url() else { throw Refusal(description: "there is no memory for it") }
        defer { unsafe curl_url_cleanup(url) }
        guard unsafe curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK else {
            throw Refusal(description: "it is no address; write https://HOST or https://HOST:PORT")
        }
        let read = { (part: CURLUPart, flags: CInt) -> String? in
            var raw: UnsafeMutablePointer<CChar>?
            guard unsafe curl_url_get(url, part, &raw, UInt32(flags)) == CURLUE_OK, let raw = unsafe raw else {
                return nil
            }
            defer { unsafe curl_free(raw) }
            return unsafe String(cString: raw)
        }
        switch read(CURLUPART_SCHEME, 0) {
        case "https": isSecure = true
        case "http": isSecure = false
        default: throw Refusal(description: "it must begin with https:// or http://")
        }
        guard read(CURLUPART_USER, 0) == nil, read(CURLUPART_PASSWORD, 0) == nil else {
            throw Refusal(description: "a user or password does not belong into it")
        }
        guard read(CURLUPART_FRAGMENT, 0) == nil else { throw Refusal(description: "it must not have a #fragment") }
        guard let host = read(CURLUPART_HOST, 0),
            let port = read(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) })
        else { throw Refusal(description: "it has no host") }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        self.host = (isBracketed ? String(host.dropFirst().dropLast()) : host).lowercased()
        self.port = port
        path = read(CURLUPART_PATH, 0) ?? "/"
        query = read(CURLUPART_QUERY, 0)
    }

    /// The path without a slash at its end, which people write and leave out; "" for the root.
    package var pathWithoutSlash: String {
        var path = path[...]
        while path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    /// Whether it is on this machine, so that nobody listens in between.
    package var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The scheme, the host and, where it is not the scheme's own, the port: what all paths of a server begin with.
    package var origin: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let standard = isSecure ? 443 : 80
        return (isSecure ? "https://" : "http://") + name + (port == standard ? "" : ":\(port)")
    }
}
