internal import Glibc

/// What a development authority is to be.
package struct AuthorityRequest: Sendable {
    /// The most days an authority may be made for.
    package static let dayLimit = 3650

    let commonName: String
    let trustDomain: String
    let validity: CertificateValidity

    /// - Parameters:
    ///   - trustDomain: the part of the SPIFFE IDs after `spiffe://`, as in `example.org`.
    ///   - commonName: 1 to 64 bytes.
    ///   - validity: at most ten years.
    package init(
        trustDomain: String,
        commonName: String = "tacit development authority",
        validity: CertificateValidity = .days(AuthorityRequest.dayLimit)
    ) throws(TLSError) {
        guard SpiffeID.isValid("spiffe://\(trustDomain)/x") else {
            throw RequestCheck.refusal(
                "the trust domain \(trustDomain)",
                "it may hold lower-case letters, digits, '.', '-', '_'"
            )
        }
        try RequestCheck.commonName(commonName)
        try RequestCheck.validity(validity, dayLimit: Self.dayLimit)
        self.trustDomain = trustDomain
        self.commonName = commonName
        self.validity = validity
    }
}

/// What a leaf certificate is to say.
package struct LeafRequest: Sendable {
    /// The most days a leaf may be issued for.
    package static let dayLimit = 825
    /// The days a leaf is issued for where nobody says otherwise.
    package static let defaultDays = 30
    /// Most names of each kind.
    package static let nameLimit = 64

    var commonName: String
    /// Tests put others here than the one SPIFFE ID that
    /// ``init(spiffeID:dnsNames:addresses:purposes:commonName:validity:)`` lets in.
    var uris: [String]
    let dnsNames: [String]
    let addresses: [String]
    var purposes: Set<Purpose>
    let validity: CertificateValidity

    /// - Parameters:
    ///   - spiffeID: the identity, as in `spiffe://example.org/tenant/main/service/worker`.
    ///   - dnsNames: host names that clients may dial.
    ///   - addresses: IPv4 or IPv6 addresses that clients may dial.
    ///   - purposes: at least one.
    ///   - commonName: for people; nil for the last part of the SPIFFE ID.
    package init(
        spiffeID: String,
        dnsNames: [String] = [],
        addresses: [String] = [],
        purposes: Set<Purpose>,
        commonName: String? = nil,
        validity: CertificateValidity = .days(LeafRequest.defaultDays)
    ) throws(TLSError) {
        guard SpiffeID.isValid(spiffeID) else {
            throw RequestCheck.refusal(
                "the SPIFFE ID \(spiffeID)",
                "it must look like spiffe://example.org/tenant/main/service/worker"
            )
        }
        let name = commonName ?? String(spiffeID.split(separator: "/").last?.prefix(64) ?? "")
        try RequestCheck.commonName(name)
        guard !purposes.isEmpty else {
            throw RequestCheck.refusal("a certificate", "it needs a purpose: client, server or both")
        }
        guard dnsNames.count <= Self.nameLimit, addresses.count <= Self.nameLimit else {
            throw RequestCheck.refusal("a certificate", "more than \(Self.nameLimit) names of a kind")
        }
        for host in dnsNames where !RequestCheck.isHostName(host) {
            throw RequestCheck.refusal("the DNS name \(host)", "it is not a host name")
        }
        for address in addresses where !RequestCheck.isAddress(address) {
            throw RequestCheck.refusal("the address \(address)", "it is not an IPv4 or IPv6 address")
        }
        try RequestCheck.validity(validity, dayLimit: Self.dayLimit)
        self.commonName = name
        uris = [spiffeID]
        self.dnsNames = dnsNames
        self.addresses = addresses
        self.purposes = purposes
        self.validity = validity
    }
}

/// The rules that both kinds of request share.
private enum RequestCheck {
    static func refusal(_ what: String, _ reason: String) -> TLSError {
        TLSError(operation: "requesting \(what)", reasons: [reason])
    }

    static func commonName(_ name: String) throws(TLSError) {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw refusal("the common name", "it must have 1 to 64 bytes and no control characters")
        }
    }

    static func validity(_ validity: CertificateValidity, dayLimit: Int) throws(TLSError) {
        let seconds = validity.notAfter - validity.notBefore
        guard seconds > 0, seconds <= Int64(dayLimit) * 86_400 + 300 else {
            throw refusal("a certificate", "it must be valid for 1 to \(dayLimit) days")
        }
    }

    static func isHostName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    default: false
                    }
                }
        }
    }

    static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        for family in [AF_INET, AF_INET6] where unsafe inet_pton(family, text, &address) == 1 { return true }
        return false
    }
}
