internal import CCurl
internal import SecretMemory

/// The header lines of a request as libcurl takes them: a list of strings that it allocates itself, in the arena.
enum RequestHeaders {
    /// Most bytes of one line.
    static let maximumLineBytes = 64 << 10

    /// - Returns: a list that the caller frees.
    /// - Safety: the list is the caller's.
    @unsafe
    static func list(_ request: HTTPRequest) throws(HTTPFailure) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        do throws(HTTPFailure) {
            // Neither asks the server's leave before a body, nor says what it would accept compressed.
            unsafe try append("Expect:", to: &list)
            // libcurl would call a body a form where nobody says what it is.
            let isTyped = request.headers.contains { $0.name.lowercased() == "content-type" }
            if !isTyped { unsafe try append("Content-Type:", to: &list) }
            for header in request.headers { unsafe try append("\(header.name): \(header.value)", to: &list) }
            for header in request.secretHeaders { unsafe try append(header, to: &list) }
        } catch {
            unsafe curl_slist_free_all(list)
            throw error
        }
        return unsafe list
    }

    private static func append(
        _ line: UnsafePointer<CChar>,
        to list: inout UnsafeMutablePointer<curl_slist>?
    ) throws(HTTPFailure) {
        guard let longer = unsafe curl_slist_append(list, line) else { throw .memory(.accountFull(.http)) }
        unsafe list = longer
    }

    private static func append(
        _ header: SecretHeader,
        to list: inout UnsafeMutablePointer<curl_slist>?
    ) throws(HTTPFailure) {
        var line = SecretBuffer(limit: maximumLineBytes, account: .http)
        do throws(MemoryError) {
            try line.append("\(header.name): \(header.prefix)".utf8Span.span)
            try header.value.withBytes { (value) throws(MemoryError) in try line.append(value) }
            try line.append(reserving: 1) { $0.append(0) }
        } catch {
            throw .memory(error)
        }
        let longer = unsafe line.bytes.withUnsafeBytes { bytes in
            unsafe curl_slist_append(list, bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
        guard let longer = unsafe longer else { throw .memory(.accountFull(.http)) }
        unsafe list = longer
    }
}
