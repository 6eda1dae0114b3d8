internal import COpenSSL

/// Puts an `X509` together, field by field.
@safe
struct CertificateBuilder: ~Copyable {
    private static let operation = "issuing a certificate"

    /// `X509`
    let certificate: OwnedHandle

    /// An X.509 v3 certificate with a random serial number.
    ///
    /// - Parameter key: `EVP_PKEY` whose public half it is for.
    init(commonName: String, validity: CertificateValidity, key: OpaquePointer) throws(TLSError) {
        let certificate = unsafe try OwnedHandle(X509_new(), freedBy: X509_free, operation: Self.operation)
        try Self.require(unsafe X509_set_version(certificate.raw, Int(X509_VERSION_3)))
        unsafe try SerialNumber.setRandom(X509_get_serialNumber(certificate.raw))
        let subject = unsafe X509_get_subject_name(certificate.raw)
        let bytes = Array(commonName.utf8)
        try Self.require(
            unsafe X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, bytes, CInt(bytes.count), -1, 0)
        )
        try Self.require(unsafe X509_set_pubkey(certificate.raw, key))
        guard unsafe ASN1_TIME_set(X509_getm_notBefore(certificate.raw), Int(validity.notBefore)) != nil,
            unsafe ASN1_TIME_set(X509_getm_notAfter(certificate.raw), Int(validity.notAfter)) != nil
        else { throw TLSError.draining(Self.operation) }
        self.certificate = certificate
    }

    /// Names the issuer: `X509`, or nil where the certificate signs itself.
    func setIssuer(_ issuer: OpaquePointer?) throws(TLSError) {
        let name = unsafe X509_get_subject_name(issuer ?? certificate.raw)
        try Self.require(unsafe X509_set_issuer_name(certificate.raw, name))
    }

    /// Adds an extension in OpenSSL's configuration syntax.
    ///
    /// - Parameter value: a constant of ours; nothing that a user typed, because commas would mean something.
    func add(_ identifier: CInt, _ value: StaticString, issuer: OpaquePointer?) throws(TLSError) {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, issuer ?? certificate.raw, certificate.raw, nil, nil, 0)
        let text = unsafe UnsafeRawPointer(value.utf8Start).assumingMemoryBound(to: CChar.self)
        let made = unsafe X509V3_EXT_conf_nid(nil, &context, identifier, text)
        let entry = unsafe try OwnedHandle(made, freedBy: X509_EXTENSION_free, operation: Self.operation)
        try Self.require(unsafe X509_add_ext(certificate.raw, entry.raw, -1))
    }

    /// Adds the subject alternative names.
    func addNames(uris: [String], dnsNames: [String], addresses: [String]) throws(TLSError) {
        guard !uris.isEmpty || !dnsNames.isEmpty || !addresses.isEmpty else { return }
        let made = unsafe GENERAL_NAMES_new()
        let names = unsafe try OwnedHandle(made, freedBy: GENERAL_NAMES_free, operation: Self.operation)
        for uri in uris { unsafe try Self.append(GEN_URI, Self.text(uri), to: names.raw) }
        for name in dnsNames { unsafe try Self.append(GEN_DNS, Self.text(name), to: names.raw) }
        for address in addresses { unsafe try Self.append(GEN_IPADD, a2i_IPADDRESS(address), to: names.raw) }
        try Self.require(
            unsafe X509_add1_ext_i2d(certificate.raw, NID_subject_alt_name, UnsafeMutableRawPointer(names.raw), 0, 0)
        )
    }

    /// Signs with SHA-256; nothing may be changed afterwards.
    func sign(with key: OpaquePointer) throws(TLSError) {
        guard unsafe X509_sign(certificate.raw, key, EVP_sha256()) > 0 else {
            throw TLSError.draining(Self.operation)
        }
    }

    /// Gives the certificate up to the caller.
    consuming func takeCertificate() -> OwnedHandle { certificate }

    private static func text(_ value: String) -> UnsafeMutablePointer<ASN1_STRING>? {
        let bytes = Array(value.utf8)
        guard let string = unsafe ASN1_IA5STRING_new() else { return nil }
        guard unsafe ASN1_STRING_set(string, bytes, CInt(bytes.count)) == 1 else {
            unsafe ASN1_STRING_free(string)
            return nil
        }
        return unsafe string
    }

    /// Takes `value` over.
    private static func append(
        _ kind: CInt,
        _ value: UnsafeMutablePointer<ASN1_STRING>?,
        to names: OpaquePointer
    ) throws(TLSError) {
        guard let value = unsafe value, let name = unsafe GENERAL_NAME_new() else {
            throw TLSError.draining(operation)
        }
        unsafe GENERAL_NAME_set0_value(name, kind, value)
        guard unsafe OPENSSL_sk_push(names, name) > 0 else {
            unsafe GENERAL_NAME_free(name)
            throw TLSError.draining(operation)
        }
    }

    private static func require(_ result: CInt) throws(TLSError) {
        guard result == 1 else { throw TLSError.draining(operation) }
    }
}
