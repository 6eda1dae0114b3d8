internal import COpenSSL
internal import SecretMemory

/// A small certificate authority, for development and for places that have no other: it issues leaves with SPIFFE IDs
/// and revocation lists. Its key exists in locked memory and, where ``save(certificate:privateKey:replacing:)`` put
/// it, in a file.
package struct CertificateAuthority: ~Copyable {
    /// `X509`
    let certificate: OwnedHandle
    /// `EVP_PKEY`
    let key: OwnedHandle
    /// When its certificate expires, in seconds since 1970. Leaves end no later.
    package let notAfter: Int64

    private init(certificate: consuming OwnedHandle, key: consuming OwnedHandle, notAfter: Int64) {
        self.certificate = certificate
        self.key = key
        self.notAfter = notAfter
    }

    // MARK: Having one

    /// A new authority with a P-256 key that may sign leaves but no other authorities.
    package static func create(_ request: AuthorityRequest) throws(TLSError) -> CertificateAuthority {
        let key = try newKey()
        let builder = unsafe try CertificateBuilder(
            commonName: request.commonName,
            validity: request.validity,
            key: key.raw
        )
        unsafe try builder.setIssuer(nil)
        unsafe try builder.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: nil)
        unsafe try builder.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: nil)
        unsafe try builder.add(NID_subject_key_identifier, "hash", issuer: nil)
        try builder.addNames(uris: ["spiffe://\(request.trustDomain)"], dnsNames: [], addresses: [])
        unsafe try builder.sign(with: key.raw)
        return CertificateAuthority(
            certificate: builder.takeCertificate(),
            key: key,
            notAfter: request.validity.notAfter
        )
    }

    /// An authority from its files.
    ///
    /// - Throws: where they cannot be read, do not belong together, or the certificate is no authority's.
    package static func load(certificate path: String, privateKey keyPath: String) throws(TLSError)
        -> CertificateAuthority
    {
        let operation = "reading the authority's certificate"
        var found: OpaquePointer?
        unsafe try PEMReader.certificates(in: path, operation: operation) { (certificate, index) throws(TLSError) in
            guard index == 0, unsafe X509_up_ref(certificate) == 1 else { return }
            unsafe found = certificate
        }
        let certificate = unsafe try OwnedHandle(found, freedBy: X509_free, operation: operation)
        guard unsafe X509_check_ca(certificate.raw) == 1,
            let dates = unsafe CertificateReading.validity(certificate.raw)
        else {
            throw TLSError(operation: operation, file: path, reasons: ["it is not an authority's"])
        }
        let loaded = try PEMReader.privateKey(in: keyPath, operation: "reading the authority's private key")
        guard unsafe X509_check_private_key(certificate.raw, loaded.key.raw) == 1 else {
            ErrorQueue.clear()
            throw TLSError(
                operation: "using the authority's private key",
                file: keyPath,
                reasons: ["it does not belong to the certificate in \(path)"]
            )
        }
        return CertificateAuthority(certificate: certificate, key: loaded.takeKey(), notAfter: dates.notAfter)
    }

    /// Writes the authority's certificate (mode 0644) and key (mode 0600).
    package borrowing func save(certificate path: String, privateKey keyPath: String, replacing: Bool = false)
        throws(TLSError)
    {
        let files = try IssuedCertificate(
            certificate: certificatePEM(),
            privateKey: unsafe PEMWriter.privateKey(key.raw)
        )
        try files.save(certificate: path, privateKey: keyPath, replacing: replacing)
    }

    /// The authority's certificate.
    package borrowing func certificatePEM() throws(TLSError) -> String {
        unsafe try PEMWriter.certificate(certificate.raw)
    }

    // MARK: Issuing

    /// A leaf with a new P-256 key.
    ///
    /// - Throws: where the leaf would outlive the authority.
    package borrowing func issue(_ request: LeafRequest) throws(TLSError) -> IssuedCertificate {
        try issue(request, for: Self.newKey())
    }

    /// A leaf for a key of another kind, as other authorities issue them.
    borrowing func issue(_ request: LeafRequest, for leafKey: borrowing OwnedHandle) throws(TLSError)
        -> IssuedCertificate
    {
        guard request.validity.notAfter <= notAfter else {
            throw TLSError(
                operation: "issuing a certificate",
                reasons: [
                    "it would be valid for longer than the authority, which expires at \(Timestamp.text(notAfter))"
                ],
                advice: "Ask for fewer days, or make a new authority"
            )
        }
        let builder = unsafe try CertificateBuilder(
            commonName: request.commonName,
            validity: request.validity,
            key: leafKey.raw
        )
        let issuer = unsafe certificate.raw
        unsafe try builder.setIssuer(issuer)
        unsafe try builder.add(NID_basic_constraints, "critical,CA:FALSE", issuer: issuer)
        unsafe try builder.add(NID_key_usage, "critical,digitalSignature", issuer: issuer)
        if let usage = Self.extendedKeyUsage(request.purposes) {
            unsafe try builder.add(NID_ext_key_usage, usage, issuer: issuer)
        }
        unsafe try builder.add(NID_subject_key_identifier, "hash", issuer: issuer)
        unsafe try builder.add(NID_authority_key_identifier, "keyid:always", issuer: issuer)
        try builder.addNames(uris: request.uris, dnsNames: request.dnsNames, addresses: request.addresses)
        unsafe try builder.sign(with: key.raw)
        return IssuedCertificate(
            certificate: unsafe try PEMWriter.certificate(builder.certificate.raw),
            privateKey: unsafe try PEMWriter.privateKey(leafKey.raw)
        )
    }

    private static func extendedKeyUsage(_ purposes: Set<Purpose>) -> StaticString? {
        switch (purposes.contains(.client), purposes.contains(.server)) {
        case (true, true): "serverAuth,clientAuth"
        case (true, false): "clientAuth"
        case (false, true): "serverAuth"
        case (false, false): nil
        }
    }

    private static func newKey() throws(TLSError) -> OwnedHandle {
        let operation = "making a key"
        let context = unsafe try OwnedHandle(
            EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil),
            freedBy: EVP_PKEY_CTX_free,
            operation: operation
        )
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context.raw) == 1,
            unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.raw, NID_X9_62_prime256v1) == 1,
            unsafe EVP_PKEY_keygen(context.raw, &key) == 1
        else { throw TLSError.draining(operation) }
        return unsafe try OwnedHandle(key, freedBy: EVP_PKEY_free, operation: operation)
    }
}
