internal import Cryptography
internal import Secrets

/// What a browser may do with the status page: run this one script, use this one style, ask the agent, and nothing else.
enum StatusPagePolicy {
    /// Fields of the answer.
    static let fields: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            [
                "default-src 'none'", "script-src \(source(StatusPageScript.text))",
                "style-src \(source(StatusPageStyle.text))", "connect-src 'self'", "img-src data:",
                "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
            ].joined(separator: "; ")
        ),
        ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]

    /// The hash of what stands between the tags; 'none', which forbids it, where there is no SHA-256.
    private static func source(_ text: String) -> String {
        do throws(CryptographyError) {
            var digest = try Digest256()
            try digest.update(text.utf8Span.span)
            let value = try digest.finalize()
            let base64 = [UInt8](capacity: Base64.encodedCount(Digest256.byteCount)) { output in
                Base64.encode(value.span, into: &output)
            }
            return "'sha256-\(String(decoding: base64, as: UTF8.self))'"
        } catch { return "'none'" }
    }
}
