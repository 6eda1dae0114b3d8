internal import Cryptography
internal import SecretMemory
internal import Secrets

/// A signed JSON web token (RFC 7519) with RS256. Whoever has it has what it grants, so it is made in locked memory.
enum SignedStatement {
    enum Failure: Error {
        case memory(MemoryError)
        case signing(CryptographyError)
    }

    /// The claims, in the order in which they are added.
    struct Claims: ~Copyable {
        fileprivate var writer = JSONWriter()

        mutating func add(_ name: String, _ value: String) throws(MemoryError) {
            try writer.key(name)
            try writer.string(value)
        }

        mutating func add(_ name: String, _ value: Int64) throws(MemoryError) {
            try writer.key(name)
            try writer.integer(value)
        }
    }

    /// - Parameter keyIdentifier: tells the reader which of several keys it is.
    static func make(
        keyIdentifier: String?,
        signer: RSASigner,
        claims write: (inout Claims) throws(MemoryError) -> Void
    ) throws(Failure) -> SharedSecret {
        let signed: SharedSecret
        do throws(MemoryError) { signed = SharedSecret(try content(keyIdentifier, write)) } catch {
            throw .memory(error)
        }
        let signature: SharedSecret
        do throws(CryptographyError) { signature = try sign(signed, signer) } catch { throw .signing(error) }
        do throws(MemoryError) { return try join(signed, signature) } catch { throw .memory(error) }
    }

    private static func sign(_ signed: SharedSecret, _ signer: RSASigner) throws(CryptographyError) -> SharedSecret {
        SharedSecret(try signed.withBytes { (bytes) throws(CryptographyError) in try signer.sign(bytes) })
    }

    private static func join(_ signed: SharedSecret, _ signature: SharedSecret) throws(MemoryError) -> SharedSecret {
        let room = signed.value.count + 1 + Base64.encodedCount(signature.value.count)
        let whole = try SecretBytes(capacity: room, account: .general) { output in
            signed.withBytes { output.append(contentsOf: $0) }
            output.append(UInt8(ascii: "."))
            signature.withBytes { Base64.encodeURL($0, into: &output) }
        }
        return SharedSecret(whole)
    }

    /// What is signed: header and claims, each in Base64, with a dot between them.
    static func content(
        _ keyIdentifier: String?,
        _ write: (inout Claims) throws(MemoryError) -> Void
    ) throws(MemoryError) -> SecretBytes {
        var header = JSONWriter()
        try header.beginObject()
        try header.key("alg")
        try header.string("RS256")
        if let keyIdentifier {
            try header.key("kid")
            try header.string(keyIdentifier)
        }
        try header.key("typ")
        try header.string("JWT")
        try header.endObject()
        let first = try header.finish()

        var claims = Claims()
        try claims.writer.beginObject()
        try write(&claims)
        try claims.writer.endObject()
        let second = try claims.writer.finish()

        let room = Base64.encodedCount(first.count) + 1 + Base64.encodedCount(second.count)
        return try SecretBytes(capacity: room, account: .http) { output in
            first.withBytes { Base64.encodeURL($0, into: &output) }
            output.append(UInt8(ascii: "."))
            second.withBytes { Base64.encodeURL($0, into: &output) }
        }
    }
}
