internal import COpenSSL
internal import Glibc

/// What a certificate says, for people and, encoded, for programs.
package struct CertificateDescription: Sendable, Equatable, Encodable, CustomStringConvertible {
    package let subject: String
    package let issuer: String
    /// The SPIFFE ID, where the certificate has exactly one URI name and that is one. An agent accepts no client
    /// without it.
    package let spiffeID: String?
    package let uris: [String]
    package let dnsNames: [String]
    package let addresses: [String]
    package let isAuthority: Bool
    /// `client` and `server`, where the extended key usage names them.
    package let purposes: [String]
    /// As in `2026-03-01T12:00:00Z`.
    package let notBefore: String
    package let notAfter: String
    /// Whole days until it expires; negative afterwards.
    package let daysLeft: Int
    /// In hexadecimal digits, as ``CertificateAuthority/revocationList(revoking:after:validity:)`` takes it.
    package let serial: String
    /// SHA-256 of the certificate, in hexadecimal digits.
    package let sha256: String
    /// The kind and size of the key, as in `EC prime256v1`.
    package let key: String

    /// Every certificate of a PEM file, in order.
    ///
    /// - Parameter now: seconds since 1970; nil for the system's clock.
    package static func read(_ path: String, now: Int64? = nil) throws(TLSError) -> [CertificateDescription] {
        let operation = "reading the certificate"
        var all: [CertificateDescription] = []
        let digest = unsafe try OwnedHandle(
            EVP_MD_fetch(nil, "SHA256", nil),
            freedBy: EVP_MD_free,
            operation: operation
        )
        let now = now ?? wallClock()
        unsafe try PEMReader.certificates(in: path, operation: operation) { (certificate, index) throws(TLSError) in
            guard let dates = unsafe CertificateReading.validity(certificate),
                let fingerprint = unsafe CertificateReading.fingerprint(certificate, digest.raw)
            else {
                throw TLSError(
                    operation: operation,
                    file: path,
                    reasons: ["certificate \(index + 1) has no valid dates"]
                )
            }
            all.append(unsafe CertificateDescription(certificate, dates, fingerprint, now))
        }
        return all
    }

    private init(
        _ certificate: OpaquePointer,
        _ dates: (notBefore: Int64, notAfter: Int64),
        _ fingerprint: Fingerprint,
        _ now: Int64
    ) {
        var uris: [String] = []
        var hosts: [String] = []
        var addresses: [String] = []
        _ = unsafe CertificateReading.forEachName(certificate) { kind, bytes in
            switch kind {
            case GEN_URI: uris.append(Self.printable(bytes))
            case GEN_DNS: hosts.append(Self.printable(bytes))
            case GEN_IPADD: addresses.append(Self.address(bytes))
            default: break
            }
        }
        self.uris = uris
        dnsNames = hosts
        self.addresses = addresses
        subject = unsafe TLS.subject(certificate)
        issuer = unsafe CertificateReading.text(X509_get_issuer_name(certificate))
        spiffeID = if case .one(let id) = unsafe CertificateReading.spiffeNames(certificate) { id } else { nil }
        isAuthority = unsafe X509_check_ca(certificate) == 1
        purposes = Purpose.allCases.filter { unsafe $0.isGranted(by: certificate) }.map(\.rawValue)
        notBefore = Timestamp.text(dates.notBefore)
        notAfter = Timestamp.text(dates.notAfter)
        daysLeft = Int((dates.notAfter - now).quotient(floorDividingBy: 86_400))
        serial = unsafe CertificateReading.serial(certificate)
        sha256 = fingerprint.description
        key = unsafe Self.keyText(X509_get0_pubkey(certificate))
    }

    /// One line for each fact.
    package var description: String {
        var lines = [("Subject", subject), ("Issuer", issuer)]
        if let spiffeID { lines.append(("SPIFFE ID", spiffeID)) }
        for uri in uris where uri != spiffeID { lines.append(("URI", uri)) }
        if !dnsNames.isEmpty { lines.append(("DNS names", dnsNames.joined(separator: ", "))) }
        if !addresses.isEmpty { lines.append(("Addresses", addresses.joined(separator: ", "))) }
        let uses = (isAuthority ? ["authority"] : []) + purposes
        lines.append(("Purposes", uses.isEmpty ? "none that this software knows" : uses.joined(separator: ", ")))
        lines.append(("Valid from", notBefore))
        lines.append(("Valid until", "\(notAfter) (\(daysLeft < 0 ? "expired" : "\(daysLeft) days left"))"))
        lines.append(("Serial", serial))
        lines.append(("SHA-256", sha256))
        lines.append(("Key", key))
        return lines.map { name, value in
            name + String(repeating: " ", count: 12 - name.count) + value
        }.joined(separator: "\n")
    }

    /// Text of a certificate may be anything; it must not move a terminal's cursor.
    private static func printable(_ bytes: Span<UInt8>) -> String {
        var text = ""
        for index in 0..<min(bytes.count, SpiffeID.byteLimit) {
            let byte = bytes[index]
            text += (0x20..<0x7f).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + hexadecimal([byte])
        }
        return text
    }

    private static func address(_ bytes: Span<UInt8>) -> String {
        guard bytes.count == 4 || bytes.count == 16 else { return printable(bytes) }
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        return unsafe String(unsafeUninitializedCapacity: Int(INET6_ADDRSTRLEN)) { output in
            unsafe output.withMemoryRebound(to: CChar.self) { text in
                guard let start = text.baseAddress else { return 0 }
                let done = unsafe bytes.withUnsafeBufferPointer { bytes in
                    unsafe inet_ntop(family, bytes.baseAddress, start, socklen_t(text.count)) != nil
                }
                return unsafe done ? strlen(start) : 0
            }
        }
    }

    private static func keyText(_ key: OpaquePointer?) -> String {
        guard let key = unsafe key, let kind = unsafe EVP_PKEY_get0_type_name(key) else { return "unknown" }
        var group = [CChar](repeating: 0, count: 64)
        var length = 0
        if unsafe EVP_PKEY_get_group_name(key, &group, group.count, &length) == 1 {
            let name = group.prefix(length).map { UInt8(bitPattern: $0) }
            return unsafe "\(String(cString: kind)) \(String(decoding: name, as: UTF8.self))"
        }
        ErrorQueue.clear()
        return unsafe "\(String(cString: kind)) \(EVP_PKEY_get_bits(key))"
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity, so that a moment after the end counts as -1 days.
    func quotient(floorDividingBy divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
