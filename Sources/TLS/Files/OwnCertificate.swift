internal import COpenSSL

/// What a side knows of its own certificate.
struct OwnCertificate {
    let subject: String
    let spiffeID: String?
    /// Seconds since 1970.
    let notBefore: Int64
    let notAfter: Int64
    let warnings: [String]

    /// Puts the certificate, its chain and its key into `context`.
    ///
    /// - Parameter purpose: what the certificate must be for; nil to take it as it is.
    /// - Throws: where they cannot be read, do not belong together, have expired, or are not for `purpose`.
    static func use(
        _ files: TLSFiles,
        for purpose: Purpose?,
        in context: OpaquePointer,
        now: Int64
    ) throws(TLSError) -> OwnCertificate {
        let operation = "reading the certificate"
        var own: OwnCertificate?
        unsafe try PEMReader.certificates(in: files.certificate, operation: operation) {
            (certificate, index) throws(TLSError) in
            if index == 0 {
                own = unsafe try check(certificate, files.certificate, purpose, now)
                guard unsafe SSL_CTX_use_certificate(context, certificate) == 1 else {
                    throw TLSError.draining(operation, file: files.certificate)
                }
            } else if unsafe shim_SSL_CTX_add1_chain_cert(context, certificate) != 1 {
                throw TLSError.draining(operation, file: files.certificate)
            }
        }
        let loaded = try PEMReader.privateKey(in: files.privateKey, operation: "reading the private key")
        guard let own, let leaf = unsafe SSL_CTX_get0_certificate(context),
            unsafe X509_check_private_key(leaf, loaded.key.raw) == 1,
            unsafe SSL_CTX_use_PrivateKey(context, loaded.key.raw) == 1
        else {
            ErrorQueue.clear()
            throw TLSError(
                operation: "using the private key",
                file: files.privateKey,
                reasons: ["it does not belong to the certificate in \(files.certificate)"],
                advice:
                    "Give the key that the certificate was issued for; replace both files together"
            )
        }
        guard let warning = loaded.warning else { return own }
        return OwnCertificate(
            subject: own.subject,
            spiffeID: own.spiffeID,
            notBefore: own.notBefore,
            notAfter: own.notAfter,
            warnings: [warning]
        )
    }

    private static func check(
        _ certificate: OpaquePointer,
        _ path: String,
        _ purpose: Purpose?,
        _ now: Int64
    ) throws(TLSError) -> OwnCertificate {
        let operation = "using the certificate"
        guard let dates = unsafe CertificateReading.validity(certificate) else {
            throw TLSError(operation: operation, file: path, reasons: ["its dates cannot be parsed"])
        }
        let names = unsafe CertificateReading.spiffeNames(certificate)
        let spiffeID: String? = if case .one(let name) = names { name } else { nil }
        if let purpose { unsafe try judge(certificate, path, purpose, dates.notAfter, spiffeID, now) }
        return unsafe OwnCertificate(
            subject: TLS.subject(certificate),
            spiffeID: spiffeID,
            notBefore: dates.notBefore,
            notAfter: dates.notAfter,
            warnings: []
        )
    }

    /// Finds out what the other side would object to.
    private static func judge(
        _ certificate: OpaquePointer,
        _ path: String,
        _ purpose: Purpose,
        _ notAfter: Int64,
        _ spiffeID: String?,
        _ now: Int64
    ) throws(TLSError) {
        let operation = "using the certificate"
        guard notAfter > now else {
            throw TLSError(
                operation: operation,
                file: path,
                reasons: ["it has expired"],
                advice: "Have it issued anew"
            )
        }
        guard unsafe purpose.isGranted(by: certificate) else {
            let usage = purpose == .server ? "serverAuth" : "clientAuth"
            throw TLSError(
                operation: operation,
                file: path,
                reasons: ["it is not for a \(purpose.rawValue)"],
                advice: "Its extended key usage must name \(usage), and it must not be an authority's"
            )
        }
        guard purpose == .server || spiffeID != nil else {
            throw TLSError(
                operation: operation,
                file: path,
                reasons: ["it does not carry exactly one SPIFFE ID"],
                advice: "Have it issued with one URI name, spiffe://DOMAIN/PATH"
            )
        }
    }
}
