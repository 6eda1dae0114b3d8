import Cryptography
import Foundation

/// What Signature Version 4 makes of a secret key, one after the other.
struct SigningKeys {
    /// The secret key behind `AWS4`, the keys of the day and of the region and of the service, and what HMAC makes of a key first.
    let steps: [Canary]
    /// What requests of a day are signed with.
    let last: Canary

    init(_ secretKey: Canary, region: String, service: String, at date: Date = Date()) throws {
        let day = date.formatted(.iso8601.year().month().day().dateSeparator(.omitted))
        var key = Array("AWS4".utf8) + secretKey.bytes
        var made = [(name: "start", key: key)]
        for part in [day, region, service, "aws4_request"] {
            key = try Self.code(of: Array(part.utf8), key: key)
            made.append((part, key))
        }
        let name = "\(secretKey.name), for \(service)"
        last = Canary("\(name), signing key", key)
        let keys = made.dropLast()
        steps =
            [Canary("\(name), start", "AWS4".utf8 + secretKey.bytes.prefix(8))]
            + keys.dropFirst().map { Canary("\(name), key of \($0.name)", $0.key) }
            + made.flatMap { step in
                [0x36, 0x5c].map { pad in Canary("\(name), \(step.name) with \(pad)", step.key.map { $0 ^ pad }) }
            }
    }

    private static func code(of message: [UInt8], key: [UInt8]) throws -> [UInt8] {
        try [UInt8](capacity: HMACSHA256.byteCount) { (output) throws(CryptographyError) in
            try HMACSHA256.code(of: message.span, key: key.span, into: &output)
        }
    }
}
