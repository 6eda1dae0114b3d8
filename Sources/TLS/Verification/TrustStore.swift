internal import COpenSSL
internal import Glibc

/// The authorities that a side trusts, and the revocation lists that bind them.
@safe
struct TrustStore: ~Copyable {
    /// `X509_STORE`
    let store: OwnedHandle
    /// When the first of the revocation lists goes out of date, in seconds since 1970; nil without lists.
    private(set) var revocationExpiry: Int64?
    /// Whether leaves must be covered by a revocation list.
    private(set) var checksRevocation = false
    /// What an operator should know although it is no error.
    private(set) var warnings: [String] = []

    private init(store: consuming OwnedHandle) { self.store = store }

    /// - Throws: where a file is unreadable; a certificate is no authority's; all of them have expired; or a
    ///   revocation list is out of date or signed by none of them. A list that is out of date is refused rather than
    ///   ignored.
    static func load(_ files: TLSFiles, now: Int64) throws(TLSError) -> TrustStore {
        let store = unsafe try OwnedHandle(
            X509_STORE_new(),
            freedBy: X509_STORE_free,
            operation: "making a certificate store"
        )
        var trust = TrustStore(store: store)
        // A certificate of the file ends a chain even where it is an intermediate one: it was put there to be
        // trusted.
        var flags = UInt(X509_V_FLAG_PARTIAL_CHAIN)
        let authorities = unsafe try trust.addAuthorities(files.authority, now: now)
        if let path = files.revocationList {
            unsafe try trust.addRevocationLists(path, of: authorities, in: files.authority, now: now)
            trust.checksRevocation = true
            flags |= UInt(X509_V_FLAG_CRL_CHECK)
        }
        unsafe X509_STORE_set_flags(trust.store.raw, flags)
        return trust
    }

    /// - Returns: the authorities, alive for as long as the store.
    private mutating func addAuthorities(_ path: String, now: Int64) throws(TLSError) -> [OpaquePointer] {
        let operation = "reading the authority's certificates"
        var authorities: [OpaquePointer] = unsafe []
        var valid = 0
        let store = unsafe self.store.raw
        unsafe try PEMReader.certificates(in: path, operation: operation) { (certificate, index) throws(TLSError) in
            guard unsafe X509_check_ca(certificate) != 0 else {
                throw TLSError(
                    operation: operation,
                    file: path,
                    reasons: ["certificate \(index + 1) (\(unsafe subject(certificate))) is not an authority's"],
                    advice: "List only certificates with basicConstraints CA:TRUE"
                )
            }
            guard unsafe X509_STORE_add_cert(store, certificate) == 1 else {
                throw TLSError.draining(operation, file: path)
            }
            guard let dates = unsafe CertificateReading.validity(certificate) else {
                throw TLSError(
                    operation: operation,
                    file: path,
                    reasons: ["certificate \(index + 1) has no valid dates"]
                )
            }
            if dates.notAfter > now { valid += 1 }
            unsafe authorities.append(certificate)
        }
        guard valid > 0 else {
            throw TLSError(
                operation: operation,
                file: path,
                reasons: ["every certificate in it has expired"],
                advice: "Put the authority's current certificate there"
            )
        }
        return unsafe authorities
    }

    private mutating func addRevocationLists(
        _ path: String,
        of authorities: [OpaquePointer],
        in authorityPath: String,
        now: Int64
    ) throws(TLSError) {
        let operation = "reading the revocation list"
        let store = unsafe self.store.raw
        var covered = [Bool](repeating: false, count: unsafe authorities.count)
        var firstExpiry: Int64?
        unsafe try PEMReader.revocationLists(in: path, operation: operation) { (list) throws(TLSError) in
            let issuer = unsafe X509_CRL_get_issuer(list)
            let matching = unsafe authorities.firstIndex { authority in
                guard unsafe X509_NAME_cmp(X509_get_subject_name(authority), issuer) == 0 else { return false }
                return unsafe X509_CRL_verify(list, X509_get0_pubkey(authority)) == 1
            }
            ErrorQueue.clear()
            guard let matching else {
                throw TLSError(
                    operation: operation,
                    file: path,
                    reasons: ["the list of \(unsafe CertificateReading.text(issuer)) is signed by no authority"],
                    advice: "Its issuer must be among the certificates in \(authorityPath)"
                )
            }
            covered[matching] = true
            if let next = unsafe CertificateReading.seconds(X509_CRL_get0_nextUpdate(list)) {
                guard next > now else {
                    throw TLSError(
                        operation: operation,
                        file: path,
                        reasons: ["the list of \(unsafe CertificateReading.text(issuer)) is out of date"],
                        advice: "Fetch the current one from the authority"
                    )
                }
                firstExpiry = min(firstExpiry ?? next, next)
            }
            guard unsafe X509_STORE_add_crl(store, list) == 1 else { throw TLSError.draining(operation, file: path) }
        }
        revocationExpiry = firstExpiry
        for index in covered.indices where !covered[index] {
            let name = unsafe subject(authorities[index])
            warnings.append("\(path) has no list of \(name): certificates that it issued are refused")
        }
    }
}

/// A certificate's subject on one line.
@unsafe
func subject(_ certificate: OpaquePointer) -> String {
    unsafe CertificateReading.text(X509_get_subject_name(certificate))
}
