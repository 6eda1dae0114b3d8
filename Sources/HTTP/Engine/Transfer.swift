internal import CCurl
internal import EventLoop
internal import SecretMemory

/// One request on its way, and what has come back of the answer. Made anywhere; from then on the engine's thread's own.
@safe
final class Transfer: @unchecked Sendable {  // Sound: after init, only the engine's thread touches what changes.
    let pool: ConnectionPool
    private let request: HTTPRequest
    private let settings: HTTPClientSettings
    private let call: PendingCall<HTTPResponse, HTTPFailure>
    /// `CURL *`; nil before ``prepare()`` and after ``release()``.
    private(set) var easy: UnsafeMutableRawPointer?
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var head = HeaderBlock()
    private var body: SecretBuffer
    private var refusal: HTTPFailure?
    private var errorText: UnsafeMutablePointer<CChar>?
    private var hasFirstByte = false
    /// In the engine's milliseconds; `.max` where it does not apply any more.
    private(set) var firstByteDeadline = Int64.max

    init(
        _ request: HTTPRequest,
        settings: HTTPClientSettings,
        pool: ConnectionPool,
        call: PendingCall<HTTPResponse, HTTPFailure>
    ) {
        self.request = request
        self.settings = settings
        self.pool = pool
        self.call = call
        body = SecretBuffer(limit: settings.maximumResponseBytes, account: .http)
    }

    var isSettled: Bool { call.isSettled }

    /// Makes libcurl's handle.
    func prepare() throws(HTTPFailure) {
        guard let easy = unsafe curl_easy_init() else { throw .memory(.accountFull(.http)) }
        unsafe self.easy = easy
        do throws(HTTPFailure) {
            unsafe headerList = try RequestHeaders.list(request)
            unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
            unsafe errorText?.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
            var options = unsafe EasyOptions(easy)
            unsafe options.connection(settings, request)
            unsafe options.request(request)
            unsafe options.list(CURLOPT_HTTPHEADER, headerList)
            unsafe options.pointer(CURLOPT_ERRORBUFFER, errorText)
            let user = unsafe Unmanaged.passUnretained(self).toOpaque()
            unsafe options.receive(into: user, head: headReceived, body: bodyReceived)
            unsafe try options.finish()
        } catch {
            release()
            throw error
        }
        let patience = settings.connectTimeout + settings.firstByteTimeout
        firstByteDeadline = EngineClock.now + patience.milliseconds
    }

    func fail(_ failure: HTTPFailure) { call.fail(failure) }

    // MARK: What comes back

    /// - Returns: false to end the transfer.
    fileprivate func receiveHead(_ line: Span<UInt8>) -> Bool {
        noteFirstByte()
        if head.append(line) { return true }
        refusal = .tooLarge(limit: HeaderBlock.maximumBytes)
        return false
    }

    fileprivate func receiveBody(_ bytes: Span<UInt8>) -> Bool {
        noteFirstByte()
        do throws(MemoryError) {
            // All at once where the size is known, so that a large answer does not need room for its copies too.
            if body.isEmpty { try body.reserve(max(bytes.count, min(announcedBytes, settings.maximumResponseBytes))) }
            try body.append(bytes)
            return true
        } catch {
            let isOverLimit = body.count + bytes.count > settings.maximumResponseBytes
            refusal = isOverLimit ? .tooLarge(limit: settings.maximumResponseBytes) : .memory(error)
            return false
        }
    }

    /// Bytes of the body by the server's word; 0 where it gave none.
    private var announcedBytes: Int {
        guard let easy = unsafe easy else { return 0 }
        var count: curl_off_t = 0
        unsafe shim_get_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &count)
        return max(0, Int(count))
    }

    private func noteFirstByte() { firstByteDeadline = .max }

    func isLate(at now: Int64) -> Bool { firstByteDeadline <= now }

    // MARK: The end

    func complete(_ code: CURLcode) {
        guard code == CURLE_OK else { return fail(refusal ?? failure(code)) }
        guard let easy = unsafe easy else { return }
        var status = 0
        unsafe shim_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        let received: SecretBytes
        do throws(MemoryError) {
            received = try body.withBytes { (bytes) throws(MemoryError) in
                try SecretBytes(copying: bytes, account: .http)
            }
        } catch {
            return fail(.memory(error))
        }
        var lines = HeaderBlock()
        swap(&lines, &head)
        call.succeed(HTTPResponse(status: status, head: lines, body: received))
    }

    func failLate() { fail(.timedOut(detail: "no answer from \(origin) in time", wasSent: wasSent)) }

    private func failure(_ code: CURLcode) -> HTTPFailure {
        var detail = unsafe errorText.map { unsafe String(cString: $0) } ?? ""
        if detail.isEmpty { detail = unsafe String(cString: curl_easy_strerror(code)) }
        detail = "\(origin): \(detail)"
        switch code {
        case CURLE_FILESIZE_EXCEEDED: return .tooLarge(limit: settings.maximumResponseBytes)
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(detail: detail, wasSent: wasSent)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            return .untrusted(detail: detail)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalid(detail: detail)
        case CURLE_OUT_OF_MEMORY: return .memory(.accountFull(.http))
        default: return .unreachable(detail: detail, wasSent: wasSent)
        }
    }

    private var origin: String { (try? HTTPAddress(request.url))?.origin ?? "the server" }

    private var wasSent: Bool {
        guard let easy = unsafe easy else { return false }
        var microseconds: curl_off_t = 0
        unsafe shim_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds)
        return microseconds > 0
    }

    /// Frees libcurl's handle; what it allocated is wiped by that.
    func release() {
        if let easy = unsafe easy { unsafe curl_easy_cleanup(easy) }
        unsafe easy = nil
        unsafe curl_slist_free_all(headerList)
        unsafe headerList = nil
        unsafe errorText?.deallocate()
        unsafe errorText = nil
    }

    deinit { release() }
}

extension Duration {
    /// Whole milliseconds, at least 1 for anything that is not zero.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}

/// libcurl hands over `size * items` bytes; any other number returned ends the transfer. The pointer is the transfer, which
/// its pool keeps for as long as the handle lives.
private let headReceived: shim_receiver = { data, size, items, user in
    unsafe received(data, size * items, user) { $0.receiveHead($1) }
}

private let bodyReceived: shim_receiver = { data, size, items, user in
    unsafe received(data, size * items, user) { $0.receiveBody($1) }
}

private func received(
    _ data: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ user: UnsafeMutableRawPointer?,
    _ take: (Transfer, Span<UInt8>) -> Bool
) -> Int {
    guard let data = unsafe data, let user = unsafe user else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
    let raw = unsafe UnsafeRawBufferPointer(start: data, count: count)
    let span = unsafe Span<UInt8>(_unsafeBytes: raw)
    return take(transfer, span) ? count : 0
}
