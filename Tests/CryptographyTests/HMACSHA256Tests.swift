import Cryptography
import Testing

private func code(_ message: [UInt8], key: [UInt8]) throws -> [UInt8] {
    var failure: (any Error)?
    let code = [UInt8](capacity: 2 * HMACSHA256.byteCount) { output in
        do { try HMACSHA256.code(of: message.span, key: key.span, into: &output) } catch { failure = error }
    }
    if let failure { throw failure }
    return code
}

private func hex(_ bytes: [UInt8]) -> String {
    String(decoding: [UInt8](capacity: 2 * bytes.count) { Hexadecimal.append(bytes.span, to: &$0) }, as: UTF8.self)
}

@Suite("HMAC with SHA-256")
struct HMACSHA256Tests {
    /// RFC 4231: a key shorter than a block, one as long as a digest, and one longer than a block.
    @Test(
        "published vectors",
        arguments: [
            (
                [UInt8](repeating: 0x0b, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ]
    )
    func vectors(key: [UInt8], message: String, expected: String) throws {
        #expect(hex(try code(Array(message.utf8), key: key)) == expected)
    }

    @Test("an empty message has a code")
    func emptyMessage() throws {
        #expect(
            hex(try code([], key: [0])) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        )
    }
}

@Suite("Digests as text")
struct HexadecimalTests {
    @Test("a digest is appended as lower-case digits behind what is there")
    func digest() throws {
        var digest = try Digest256()
        try digest.update(Array("abc".utf8).span)
        var failure: (any Error)?
        let text = [UInt8](capacity: 70) { output in
            output.append(UInt8(ascii: "="))
            do { try digest.finalizeHex(into: &output) } catch { failure = error }
        }
        #expect(failure == nil)
        #expect(
            String(decoding: text, as: UTF8.self)
                == "=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test("every byte has two digits")
    func bytes() {
        #expect(hex([0x00, 0x09, 0x0a, 0x0f, 0x10, 0xa0, 0xff]) == "00090a0f10a0ff")
    }
}
