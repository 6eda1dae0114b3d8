/// Reads `jdbc:postgresql://host1[:port],host2/database?parameter=value&…` and its like, as Kestra's data sources spell them.
///
/// The login does not belong into a URL, which ends up in logs: a user or a password in it is refused.
package struct DatabaseURL {
    package var hosts: [DatabaseHost]
    package var database: String
    package var parameters: [(name: String, value: String)]

    /// Hosts that a URL may name.
    package static let maximumHosts = 16

    /// - Parameters:
    ///   - schemes: those that will do, such as `postgresql`; the first is the usual one.
    ///   - defaultPort: of hosts without one.
    package init(_ text: String, schemes: [String], defaultPort: UInt16) throws(DatabaseError) {
        let usual = "jdbc:\(schemes.first ?? "")://"
        var rest = Substring(text)
        if rest.hasPrefix("jdbc:") { rest = rest.dropFirst(5) }
        guard let scheme = schemes.map({ "\($0)://" }).first(where: { rest.hasPrefix($0) }) else {
            throw Self.refused("has to begin with \(usual)")
        }
        rest = rest.dropFirst(scheme.count)
        let query = rest.firstIndex(of: "?").map { rest[$0...].dropFirst() }
        if let mark = rest.firstIndex(of: "?") { rest = rest[..<mark] }
        guard !rest.contains("@") else {
            throw Self.refused("holds a login; take it out and use the keys for the user and the password")
        }
        guard !rest.contains("#"), query?.contains("#") != true else { throw Self.refused("holds a \"#\"") }
        guard let slash = rest.firstIndex(of: "/") else {
            throw Self.refused("names no database: \(usual)host/database")
        }
        hosts = try Self.hosts(rest[..<slash], defaultPort)
        database = try Self.decoded(rest[slash...].dropFirst(), "the database's name")
        guard !database.isEmpty, !database.contains("/") else {
            throw Self.refused("names no database: \(usual)host/database")
        }
        parameters = try Self.parameters(query ?? "")
    }

    // MARK: Hosts

    private static func hosts(_ text: Substring, _ defaultPort: UInt16) throws(DatabaseError) -> [DatabaseHost] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= DatabaseURL.maximumHosts else {
            throw refused("names \(parts.count) hosts; at most \(DatabaseURL.maximumHosts) are possible")
        }
        var hosts: [DatabaseHost] = []
        for part in parts { hosts.append(try host(part, defaultPort)) }
        return hosts
    }

    private static func host(_ text: Substring, _ defaultPort: UInt16) throws(DatabaseError) -> DatabaseHost {
        var name: Substring
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw refused("holds a \"[\" without its \"]\"") }
            name = text[..<end].dropFirst()
            let after = text[end...].dropFirst()
            guard after.isEmpty || after.hasPrefix(":") else { throw refused("holds text after a \"]\"") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            name = parts.first ?? ""
            port = parts.count > 1 ? parts[1] : nil
            guard port?.contains(":") != true else {
                throw refused("holds an IPv6 address without brackets: write [\(text)]")
            }
        }
        let decodedName = try decoded(name, "a host's name")
        // The library would read a comma as one more host, and resolve names with blanks somehow.
        let isPlain = decodedName.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: ",") }
        guard !decodedName.isEmpty, isPlain else { throw refused("holds a host without a usable name") }
        guard let port else { return DatabaseHost(name: decodedName, port: defaultPort) }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt16(port),
            number > 0
        else { throw refused("gives host \(decodedName) a port that is none from 1 to 65535") }
        return DatabaseHost(name: decodedName, port: number)
    }

    // MARK: Parameters

    private static func parameters(
        _ text: Substring
    ) throws(DatabaseError) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decoded(sides[0], "a parameter's name")
            guard sides.count == 2 else { throw refused("holds the parameter \(name) without a value") }
            guard !found.contains(where: { $0.name == name }) else {
                throw refused("holds the parameter \(name) twice")
            }
            found.append((name, try decoded(sides[1], "the parameter \(name)")))
        }
        return found
    }

    private static func decoded(_ text: Substring, _ what: String) throws(DatabaseError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                throw refused("holds a \"%\" without two hexadecimal digits in \(what)")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw refused("holds bytes in \(what) that are no text")
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    package static func refused(_ why: String) -> DatabaseError { DatabaseError(.settings, "the URL \(why)") }
}
