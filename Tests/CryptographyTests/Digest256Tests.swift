import Cryptography
import Glibc
import OpenSSLHooks
import Testing

private func hex(_ bytes: [32 of UInt8]) -> String {
    bytes.indices.map { index in
        let digits = String(bytes[index], radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}

@Suite("SHA-256")
struct Digest256Tests {
    @Test("published vectors, one after the other in one context")
    func vectors() throws {
        var digest = try Digest256()
        #expect(hex(try digest.finalize()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        try digest.update(Array("abc".utf8).span)
        #expect(hex(try digest.finalize()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        try digest.update(million.span)
        #expect(hex(try digest.finalize()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("the first digest of a process gives the library locked memory before it allocates")
    func first() async {
        await #expect(processExitsWith: .exitCode(0)) {
            _ = try Digest256()
            exit(OpenSSLMemory.install() ? 0 : 2)
        }
    }

    @Test("a message in pieces has the digest of the whole", arguments: [0, 1, 55, 56, 63, 64, 65, 349, 350])
    func pieces(split: Int) throws {
        let message = (0..<350).map { UInt8(truncatingIfNeeded: $0) }
        var digest = try Digest256()
        try digest.update(message.span)
        let whole = hex(try digest.finalize())
        try digest.update(message.span.extracting(first: split))
        try digest.update(message.span.extracting(droppingFirst: split))
        #expect(hex(try digest.finalize()) == whole)
    }

    @Test("only the first 32 bytes of a larger output are written")
    func output() throws {
        var digest = try Digest256()
        var room = [UInt8](repeating: 0xee, count: 40)
        var span = room.mutableSpan
        try digest.finalize(into: &span)
        #expect(room[31] == 0x55)
        #expect(room[32...] == [0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee])
    }
}
