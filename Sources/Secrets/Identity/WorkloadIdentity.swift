/// Who a peer is: the SPIFFE ID of its certificate, taken apart.
public struct WorkloadIdentity: Hashable, Sendable {
    /// The whole ID, such as `spiffe://example.org/tenant/main/service/worker`.
    public let uri: String
    /// The trust domain, then the path's segments.
    let segments: [Substring]

    /// Most bytes of an ID.
    public static let maximumBytes = 2048

    /// The service type that the path names by convention, as in `…/service/worker`.
    public let conventionalService: ServiceType?
    /// Whether the path names a service type that does not exist.
    let namesUnknownService: Bool
    /// The tenant that the path names by convention, as in `…/tenant/main/…`; "" where it names none.
    public let conventionalTenant: String

    /// - Returns: nil where `uri` is no SPIFFE ID in its one canonical spelling: a character that means something in a
    ///   pattern, or that has two spellings, never gets as far as the policy.
    public init?(uri: String) {
        guard uri.utf8.count <= Self.maximumBytes, let segments = Self.parts(of: uri),
            let domain = segments.first, Self.isTrustDomain(domain),
            segments.dropFirst().allSatisfy(Self.isSegment)
        else { return nil }
        self.uri = uri
        self.segments = segments
        let service = Self.value(of: "service", in: segments)
        conventionalService = service.flatMap { ServiceType(name: $0) }
        namesUnknownService = service != nil && conventionalService == nil
        conventionalTenant = Self.value(of: "tenant", in: segments).map(String.init) ?? ""
    }

    /// What follows the first segment called `name`. A tenant called "service" is a tenant: what follows one of the two
    /// words is its value and no word itself.
    private static func value(of name: String, in segments: [Substring]) -> Substring? {
        var index = 1
        while index + 1 < segments.count {
            let isWord = segments[index] == "tenant" || segments[index] == "service"
            if isWord, segments[index] == name { return segments[index + 1] }
            index += isWord ? 2 : 1
        }
        return nil
    }

    /// The trust domain and the path's segments, unchecked; nil where it is no URI of this kind.
    static func parts(of uri: String) -> [Substring]? {
        let scheme = "spiffe://".utf8
        guard uri.utf8.starts(with: scheme) else { return nil }
        return uri.utf8.dropFirst(scheme.count)
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Substring($0) }
    }

    static func isTrustDomain(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { isPlain($0) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    static func isSegment(_ text: Substring) -> Bool {
        !text.isEmpty && text != "." && text != ".." && text.utf8.allSatisfy(isPlain)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
