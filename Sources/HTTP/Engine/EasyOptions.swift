internal import CCurl
internal import OpenSSLHooks
internal import SecretMemory

/// Sets the options of one libcurl handle and remembers the first that was refused.
@unsafe
struct EasyOptions {
    /// `CURL *`
    private let easy: UnsafeMutableRawPointer
    private var refused: CURLcode = CURLE_OK

    init(_ easy: UnsafeMutableRawPointer) { unsafe self.easy = easy }

    func finish() throws(HTTPFailure) {
        let code = unsafe refused
        guard code == CURLE_OK else {
            if code == CURLE_OUT_OF_MEMORY { throw .memory(.accountFull(.http)) }
            throw .invalid(
                detail: "libcurl cannot do what is asked (\(unsafe String(cString: curl_easy_strerror(code))))"
            )
        }
    }

    // MARK: Groups

    /// How the server is reached, and what it must prove.
    mutating func connection(_ settings: HTTPClientSettings, _ request: HTTPRequest) {
        unsafe number(CURLOPT_NOSIGNAL, 1)
        unsafe text(CURLOPT_PROTOCOLS_STR, "http,https")
        // HTTP/2 keeps headers in memory that is not ours, and so do the decompressors of encoded answers.
        unsafe number(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        unsafe number(CURLOPT_FOLLOWLOCATION, 0)
        unsafe number(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        unsafe number(CURLOPT_SSL_VERIFYPEER, 1)
        unsafe number(CURLOPT_SSL_VERIFYHOST, 2)
        unsafe note(shim_set_context_prepared(easy, contextPrepared))
        unsafe number(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.milliseconds))
        let total = min(request.timeout ?? settings.totalTimeout, settings.totalTimeout)
        unsafe number(CURLOPT_TIMEOUT_MS, Int(max(1, total.milliseconds)))
        // Where the server says beforehand how much it will send, too much is refused before it comes.
        unsafe number(CURLOPT_MAXFILESIZE, settings.maximumResponseBytes)
        unsafe number(CURLOPT_MAXAGE_CONN, Int(settings.idleTimeout.components.seconds))
        if let authorities = settings.authorities {
            unsafe blob(CURLOPT_CAINFO_BLOB, authorities)
            // Else the system's would be accepted beside them.
            unsafe note(shim_set_text(easy, CURLOPT_CAPATH, nil))
        }
        if let identity = settings.identity {
            unsafe blob(CURLOPT_SSLCERT_BLOB, identity.certificate)
            unsafe blob(CURLOPT_SSLKEY_BLOB, identity.privateKey)
        }
        unsafe proxy(request.isToMetadataService ? nil : settings.proxy)
    }

    /// The variables `http_proxy` and the like are not looked at: what is reached how is the configuration's business.
    private mutating func proxy(_ proxy: HTTPProxy?) {
        guard let proxy else { return unsafe text(CURLOPT_PROXY, "") }
        unsafe text(CURLOPT_PROXY, proxy.address)
        unsafe text(CURLOPT_NOPROXY, proxy.exceptions.joined(separator: ","))
        // A proxy gets none of the headers that are for the server.
        unsafe number(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        unsafe number(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        guard let username = proxy.username else { return }
        unsafe text(CURLOPT_PROXYUSERNAME, username)
        guard let password = proxy.password else { return }
        do throws(MemoryError) {
            let terminated = try password.withBytes { (bytes) throws(MemoryError) in
                try SecretBytes(capacity: bytes.count + 1, account: .http) { output in
                    output.append(contentsOf: bytes)
                    output.append(0)
                }
            }
            unsafe terminated.withUnsafeBytes { bytes in
                unsafe note(
                    shim_set_text(easy, CURLOPT_PROXYPASSWORD, bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
                )
            }
        } catch {
            unsafe note(CURLE_OUT_OF_MEMORY)
        }
    }

    /// What is asked. The body stays where it is, so the request must outlive the handle.
    mutating func request(_ request: HTTPRequest) {
        unsafe text(CURLOPT_URL, request.url)
        unsafe text(CURLOPT_USERAGENT, "tacit")
        if request.body != nil || (request.method != .get && request.method != .delete) {
            unsafe number(CURLOPT_POST, 1)
            unsafe number(CURLOPT_POSTFIELDSIZE, request.body?.value.count ?? 0)
            if let body = request.body {
                unsafe body.value.withUnsafeBytes { bytes in
                    unsafe pointer(CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                }
            } else {
                unsafe text(CURLOPT_COPYPOSTFIELDS, "")
            }
        }
        unsafe text(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }

    mutating func receive(into user: UnsafeMutableRawPointer, head: shim_receiver, body: shim_receiver) {
        unsafe note(shim_set_receiver(easy, CURLOPT_HEADERFUNCTION, head))
        unsafe pointer(CURLOPT_HEADERDATA, user)
        unsafe note(shim_set_receiver(easy, CURLOPT_WRITEFUNCTION, body))
        unsafe pointer(CURLOPT_WRITEDATA, user)
    }

    // MARK: Single ones

    mutating func list(_ option: CURLoption, _ value: UnsafeMutablePointer<curl_slist>?) {
        unsafe note(shim_set_list(easy, option, value))
    }

    mutating func pointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        unsafe note(shim_set_pointer(easy, option, value))
    }

    mutating func pointer(_ option: CURLoption, _ value: UnsafeMutablePointer<CChar>?) {
        unsafe note(shim_set_pointer(easy, option, value))
    }

    private mutating func number(_ option: CURLoption, _ value: Int) { unsafe note(shim_set_long(easy, option, value)) }

    private mutating func text(_ option: CURLoption, _ value: String) {
        unsafe note(shim_set_text(easy, option, value))
    }

    /// libcurl copies it, into the arena.
    private mutating func blob(_ option: CURLoption, _ value: SharedSecret) {
        unsafe value.value.withUnsafeBytes { bytes in
            var blob = unsafe curl_blob(
                data: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                len: bytes.count,
                flags: UInt32(CURL_BLOB_COPY)
            )
            unsafe note(shim_set_blob(easy, option, &blob))
        }
    }

    private mutating func note(_ code: CURLcode) {
        if unsafe refused == CURLE_OK { unsafe refused = code }
    }
}

/// libcurl has made a TLS context and lets us have a look at it before it is used.
private let contextPrepared: shim_context_prepared = { _, context, _ in
    if let context = unsafe context { unsafe OpenSSLMemory.keepNothingRead(in: context) }
    return CURLE_OK
}
