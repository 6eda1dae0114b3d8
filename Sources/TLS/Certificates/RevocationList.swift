internal import COpenSSL

extension CertificateAuthority {
    /// The days for which a revocation list is valid where nobody says otherwise. An agent that holds it refuses
    /// everybody afterwards, so it has to be issued again in time.
    package static let revocationListDays = 7

    /// A signed revocation list, in PEM.
    ///
    /// - Parameters:
    ///   - serials: serial numbers to revoke, in hexadecimal digits.
    ///   - path: a list of this authority whose entries are taken over; nil to begin one.
    ///   - validity: when the list was made and when it goes out of date.
    /// - Throws: where a serial number, or the old list, cannot be read, or the old list is another authority's.
    package borrowing func revocationList(
        revoking serials: [String],
        after path: String? = nil,
        validity: CertificateValidity = .days(CertificateAuthority.revocationListDays)
    ) throws(TLSError) -> String {
        let operation = "making a revocation list"
        let list = unsafe try OwnedHandle(X509_CRL_new(), freedBy: X509_CRL_free, operation: operation)
        guard unsafe X509_CRL_set_version(list.raw, Int(X509_CRL_VERSION_2)) == 1,
            unsafe X509_CRL_set_issuer_name(list.raw, X509_get_subject_name(certificate.raw)) == 1
        else { throw TLSError.draining(operation) }
        let made = try OwnedTime(validity.notBefore)
        let next = try OwnedTime(validity.notAfter)
        guard unsafe X509_CRL_set1_lastUpdate(list.raw, made.raw) == 1,
            unsafe X509_CRL_set1_nextUpdate(list.raw, next.raw) == 1
        else { throw TLSError.draining(operation) }
        var number: UInt64 = 1
        if let path { number = unsafe try copyEntries(of: path, to: list.raw) + 1 }
        for serial in serials { unsafe try Self.revoke(serial, at: made.raw, in: list.raw) }
        unsafe try finish(list.raw, number)
        return unsafe try PEMWriter.revocationList(list.raw)
    }

    /// - Returns: the old list's number; 0 where it has none.
    private borrowing func copyEntries(of path: String, to list: OpaquePointer) throws(TLSError) -> UInt64 {
        let operation = "reading the revocation list"
        let authorityKey = unsafe key.raw
        var number: UInt64 = 0
        unsafe try PEMReader.revocationLists(in: path, operation: operation) { (old) throws(TLSError) in
            guard unsafe X509_CRL_verify(old, authorityKey) == 1 else {
                ErrorQueue.clear()
                throw TLSError(operation: operation, file: path, reasons: ["it was not signed by this authority"])
            }
            let entries = unsafe X509_CRL_get_REVOKED(old)
            let count = unsafe max(0, OPENSSL_sk_num(entries))
            for index in 0..<count {
                guard let entry = unsafe OPENSSL_sk_value(entries, index) else { continue }
                let copy = unsafe X509_REVOKED_dup(OpaquePointer(entry))
                guard let copy = unsafe copy, unsafe X509_CRL_add0_revoked(list, copy) == 1 else {
                    throw TLSError.draining(operation, file: path)
                }
            }
            let value = unsafe X509_CRL_get_ext_d2i(old, NID_crl_number, nil, nil)
            if let value = unsafe value {
                let integer = unsafe value.assumingMemoryBound(to: ASN1_INTEGER.self)
                unsafe ASN1_INTEGER_get_uint64(&number, integer)
                unsafe ASN1_INTEGER_free(integer)
            }
        }
        return number
    }

    private static func revoke(_ text: String, at time: UnsafeMutablePointer<ASN1_TIME>, in list: OpaquePointer)
        throws(TLSError)
    {
        let operation = "revoking \(text.prefix(80))"
        let serial = unsafe try SerialNumber.parse(text)
        var known: OpaquePointer?
        if unsafe X509_CRL_get0_by_serial(list, &known, serial.raw) != 0 { return }
        guard let entry = unsafe X509_REVOKED_new() else { throw TLSError.draining(operation) }
        guard unsafe X509_REVOKED_set_serialNumber(entry, serial.raw) == 1,
            unsafe X509_REVOKED_set_revocationDate(entry, time) == 1,
            unsafe X509_CRL_add0_revoked(list, entry) == 1
        else {
            unsafe X509_REVOKED_free(entry)
            throw TLSError.draining(operation)
        }
    }

    private borrowing func finish(_ list: OpaquePointer, _ number: UInt64) throws(TLSError) {
        let operation = "signing the revocation list"
        let value = try OwnedSerial()
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, certificate.raw, nil, nil, list, 0)
        let made = unsafe X509V3_EXT_conf_nid(nil, &context, NID_authority_key_identifier, "keyid:always")
        let issuer = unsafe try OwnedHandle(made, freedBy: X509_EXTENSION_free, operation: operation)
        guard unsafe ASN1_INTEGER_set_uint64(value.raw, number) == 1,
            unsafe X509_CRL_add1_ext_i2d(list, NID_crl_number, value.raw, 0, 0) == 1,
            unsafe X509_CRL_add_ext(list, issuer.raw, -1) == 1,
            unsafe X509_CRL_sort(list) == 1,
            unsafe X509_CRL_sign(list, key.raw, EVP_sha256()) > 0
        else { throw TLSError.draining(operation) }
    }
}

/// An `ASN1_TIME` that is freed exactly once.
@safe
struct OwnedTime: ~Copyable {
    let raw: UnsafeMutablePointer<ASN1_TIME>

    /// - Parameter seconds: since 1970.
    init(_ seconds: Int64) throws(TLSError) {
        guard let raw = unsafe ASN1_TIME_set(nil, Int(seconds)) else { throw TLSError.draining("making a date") }
        unsafe self.raw = raw
    }

    deinit { unsafe ASN1_TIME_free(raw) }
}
