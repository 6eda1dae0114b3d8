internal import Cryptography
internal import SecretMemory
internal import Secrets

/// A request as far as its signature covers it: the "canonical request" of Signature Version 4, which is fed into a digest piece
/// by piece, so that it lies nowhere as a whole. It holds the session token and, for writes, what the value hashes to.
///
/// There is no query, because all that is asked here is in a body.
struct SignableRequest {
    /// What stands behind a header's name.
    enum Value {
        case plain(String)
        case secret(SharedSecret)
    }

    var method = "POST"
    /// In its normal form: see ``AWSEndpoint``.
    var path = "/"
    /// With names in lower case.
    var headers: [(name: String, value: Value)]
    /// Nil for an empty one.
    var body: SharedSecret?

    /// The names that are signed, in the order that the signature wants.
    var signedHeaders: String { grouped.map(\.name).joined(separator: ";") }

    /// Each name once, in ascending order, with its values in the order they are sent.
    private var grouped: [(name: String, values: [Value])] {
        var groups: [(name: String, values: [Value])] = []
        for (name, value) in headers {
            if let place = groups.firstIndex(where: { $0.name == name }) {
                groups[place].values.append(value)
            } else {
                groups.append((name, [value]))
            }
        }
        return groups.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Appends the SHA-256 of the canonical request as hexadecimal digits.
    func canonicalDigest(into output: inout OutputSpan<UInt8>) throws(BackendError) {
        let body = try SecretBytes.computed(capacity: Digest256.hexCount) { (output) throws(CryptographyError) in
            var digest = try Digest256()
            try self.body?.withBytes { (bytes) throws(CryptographyError) in try digest.update(bytes) }
            try digest.finalizeHex(into: &output)
        }
        do throws(CryptographyError) {
            var digest = try Digest256()
            try digest.update("\(method)\n\(path)\n\n")
            for (name, values) in grouped {
                try digest.update(name)
                for (index, value) in values.enumerated() {
                    try digest.update(index == 0 ? ":" : ",")
                    switch value {
                    case .plain(let text): try digest.updateTrimmed(text.utf8Span.span)
                    case .secret(let secret):
                        try secret.withBytes { (bytes) throws(CryptographyError) in try digest.updateTrimmed(bytes) }
                    }
                }
                try digest.update("\n")
            }
            try digest.update("\n\(signedHeaders)\n")
            try digest.update(body.bytes)
            try digest.finalizeHex(into: &output)
        } catch {
            throw .cannotSign(error)
        }
    }
}

extension Digest256 {
    fileprivate mutating func update(_ text: String) throws(CryptographyError) { try update(text.utf8Span.span) }

    /// Adds a header's value without spaces at its ends, and with one for each run of them inside.
    fileprivate mutating func updateTrimmed(_ value: Span<UInt8>) throws(CryptographyError) {
        var isFirst = true
        var start = 0
        while start < value.count {
            var end = start
            while end < value.count, value[end] != UInt8(ascii: " ") { end += 1 }
            if end > start {
                if !isFirst { try update(" ") }
                try update(value.extracting(start..<end))
                isFirst = false
            }
            start = end + 1
        }
    }
}
