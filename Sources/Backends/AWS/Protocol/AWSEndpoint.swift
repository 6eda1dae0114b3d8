/// Where a service of AWS is reached, in the normal form that signatures need: a host in lower case, a port only where it is not
/// the scheme's own, and a path without anything that would have to be escaped or resolved.
struct AWSEndpoint: Sendable, Equatable {
    let scheme: String
    /// As it is sent in the header `Host`.
    let host: String
    let path: String

    var url: String { "\(scheme)://\(host)\(path)" }
    var isEncrypted: Bool { scheme == "https" }

    /// AWS's own endpoint of a service.
    ///
    /// - Parameter isFIPS: the one whose cryptography is validated for the authorities of the United States.
    init(service: String, region: String, isFIPS: Bool = false) {
        scheme = "https"
        host = "\(service)\(isFIPS ? "-fips" : "").\(region).\(Self.suffix(of: region))"
        path = "/"
    }

    /// An endpoint that somebody configured; nil where it is no URL of a service.
    init?(url text: String) {
        let start = text.prefix(8).lowercased()
        guard start.hasPrefix("https://") || start.hasPrefix("http://") else { return nil }
        scheme = start.hasPrefix("https") ? "https" : "http"
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" }
        guard let host = Self.host(authority, ownPort: scheme == "https" ? "443" : "80") else { return nil }
        self.host = host
        let path = rest.dropFirst(authority.count)
        guard Self.isNormal(path) else { return nil }
        self.path = path.isEmpty ? "/" : String(path)
    }

    private static func host(_ authority: Substring, ownPort: Substring) -> String? {
        let isBracketed = authority.hasPrefix("[")
        let end = isBracketed ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : nil
        guard let nameEnd = isBracketed ? end : authority.firstIndex(of: ":") ?? authority.endIndex else { return nil }
        let name = authority[..<nameEnd]
        let inner = isBracketed ? name.dropFirst().dropLast() : name
        guard !inner.isEmpty, inner.utf8.count <= 255,
            inner.utf8.allSatisfy({ isHostByte($0) || (isBracketed && $0 == UInt8(ascii: ":")) })
        else { return nil }
        let port = authority[nameEnd...]
        if port.isEmpty || port.dropFirst() == ownPort { return port == ":" ? nil : name.lowercased() }
        guard port.first == ":", let number = Int(port.dropFirst()), (1...65_535).contains(number),
            port.dropFirst().utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        return "\(name.lowercased()):\(number)"
    }

    private static func isNormal(_ path: Substring) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return parts.enumerated().allSatisfy { place, part in
            if part.isEmpty { return place == parts.count - 1 }
            return part != "." && part != ".."
                && part.utf8.allSatisfy { isHostByte($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "~") }
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    // MARK: Regions

    /// Whether a text may be a region, and so a part of a host's name.
    static func isRegion(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { isHostByte($0) && $0 != UInt8(ascii: ".") }
            && text == text.lowercased()
    }

    /// The domain of a region's partition.
    private static func suffix(of region: String) -> String {
        partitions.first { region.hasPrefix($0.regions) }?.suffix ?? "amazonaws.com"
    }

    private static let partitions: [(regions: String, suffix: String)] = [
        ("cn-", "amazonaws.com.cn"), ("us-isob-", "sc2s.sgov.gov"), ("us-isof-", "csp.hci.ic.gov"),
        ("us-iso-", "c2s.ic.gov"), ("eu-isoe-", "cloud.adc-e.uk"), ("eusc-", "amazonaws.eu"),
    ]
}
