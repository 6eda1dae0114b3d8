internal import COpenSSL
internal import Glibc

/// Reads the fields of an `X509`. Each function borrows the certificate for the length of the call.
@unsafe
enum CertificateReading {
    /// What the subject alternative names say about the SPIFFE ID.
    enum SpiffeNames: Equatable {
        case one(String)
        case none
        case several
        case malformed
    }

    /// The certificate's SPIFFE ID, where it has exactly one URI name and that is one.
    static func spiffeNames(_ certificate: OpaquePointer) -> SpiffeNames {
        var found = SpiffeNames.none
        let whole = unsafe forEachName(certificate) { kind, bytes in
            guard kind == GEN_URI else { return }
            guard found == .none else {
                found = .several
                return
            }
            guard SpiffeID.isValid(bytes), let utf8 = try? UTF8Span(validating: bytes) else {
                found = .malformed
                return
            }
            found = .one(String(copying: utf8))
        }
        return whole ? found : .malformed
    }

    /// Calls `body` with each subject alternative name that is text or an address: its kind (`GEN_URI`, `GEN_DNS`,
    /// `GEN_EMAIL`, `GEN_IPADD`) and bytes.
    ///
    /// - Returns: false where the extension is there but cannot be parsed, or is there twice.
    static func forEachName(_ certificate: OpaquePointer, _ body: (CInt, Span<UInt8>) -> Void) -> Bool {
        var critical: CInt = 0
        let extensionValue = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nil)
        guard let extensionValue = unsafe extensionValue else {
            ErrorQueue.clear()
            return critical == -1
        }
        let names = OpaquePointer(extensionValue)
        defer { unsafe GENERAL_NAMES_free(names) }
        let count = unsafe max(0, OPENSSL_sk_num(names))
        for index in 0..<count {
            guard let entry = unsafe OPENSSL_sk_value(names, index) else { continue }
            var kind: CInt = -1
            let value = unsafe GENERAL_NAME_get0_value(entry.assumingMemoryBound(to: GENERAL_NAME.self), &kind)
            guard kind == GEN_URI || kind == GEN_DNS || kind == GEN_EMAIL || kind == GEN_IPADD else { continue }
            guard let value = unsafe value else { continue }
            let string = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
            guard let start = unsafe ASN1_STRING_get0_data(string) else { continue }
            unsafe body(kind, Span(_unsafeStart: start, count: Int(ASN1_STRING_length(string))))
        }
        return true
    }

    /// When the validity begins and ends, in seconds since 1970; nil where a date cannot be parsed.
    static func validity(_ certificate: OpaquePointer) -> (notBefore: Int64, notAfter: Int64)? {
        guard let first = unsafe seconds(X509_get0_notBefore(certificate)),
            let last = unsafe seconds(X509_get0_notAfter(certificate))
        else { return nil }
        return (first, last)
    }

    /// An ASN.1 time in seconds since 1970.
    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var parts = unsafe tm()
        guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return unsafe Int64(timegm(&parts))
    }

    /// The serial number in lower-case hexadecimal digits, without a sign or leading zero bytes.
    static func serial(_ certificate: OpaquePointer) -> String {
        guard let number = unsafe X509_get0_serialNumber(certificate) else { return "" }
        return unsafe hexadecimal(number)
    }

    /// An ASN.1 integer in hexadecimal digits.
    static func hexadecimal(_ number: UnsafePointer<ASN1_INTEGER>) -> String {
        let count = unsafe Int(ASN1_STRING_length(number))
        guard count > 0, let start = unsafe ASN1_STRING_get0_data(number) else { return "00" }
        return unsafe TLS::hexadecimal([UInt8](UnsafeBufferPointer(start: start, count: count)))
    }

    /// The certificate's SHA-256.
    ///
    /// - Parameter digest: a fetched `EVP_MD`, because looking SHA-256 up by name costs more than computing it.
    static func fingerprint(_ certificate: OpaquePointer, _ digest: OpaquePointer) -> Fingerprint? {
        var bytes = [32 of UInt8](repeating: 0)
        var span = bytes.mutableSpan
        let done = unsafe span.withUnsafeMutableBufferPointer { buffer in
            unsafe X509_digest(certificate, digest, buffer.baseAddress, nil)
        }
        guard done == 1 else {
            ErrorQueue.clear()
            return nil
        }
        return Fingerprint(bytes.span)
    }

    /// A distinguished name on one line, as in `CN = worker, O = Example`; at most 512 bytes.
    static func text(_ name: OpaquePointer?) -> String {
        guard let memory = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free_all(memory) }
        guard let name = unsafe name, unsafe X509_NAME_print_ex(memory, name, 0, shim_XN_FLAG_ONELINE) >= 0 else {
            return ""
        }
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe shim_BIO_get_mem_data(memory, &start)
        guard let start = unsafe start, count > 0 else { return "" }
        return unsafe start.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: min(count, 512)), as: UTF8.self)
        }
    }
}
