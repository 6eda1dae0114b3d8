import Cryptography
import PublishedKeys
import SecretMemory
import Testing

@Suite("RS256 signatures")
struct RSASignerTests {
    @Test("the published signature comes out of both forms of the published key")
    func vector() throws {
        for pem in [PublishedKeys.rfc7515, PublishedKeys.rfc7515Traditional] {
            let signer = try RSASigner(pem: pem.utf8Span.span)
            let signature = try signer.sign(PublishedKeys.signingInput.utf8Span.span)
            let bytes = signature.withBytes { bytes in bytes.indices.map { bytes[$0] } }
            #expect(bytes == PublishedKeys.signature)
            #expect(signer.signatureBytes == bytes.count)
        }
    }

    @Test("text around the key, and line ends of Windows, do no harm")
    func surroundings() throws {
        let pem =
            "Key of a test\r\n" + PublishedKeys.rfc7515.split(separator: "\n").joined(separator: "\r\n") + "\r\nend"
        let signature = try RSASigner(pem: pem.utf8Span.span).sign(PublishedKeys.signingInput.utf8Span.span)
        let bytes = signature.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        #expect(bytes == PublishedKeys.signature)
    }

    @Test("a signer signs again and again, also nothing, and from several tasks at once")
    func repeated() async throws {
        let signer = try RSASigner(pem: PublishedKeys.rfc7515.utf8Span.span)
        let empty = try signer.sign("".utf8Span.span)
        #expect(empty.count == 256)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let signature = try? signer.sign(PublishedKeys.signingInput.utf8Span.span)
                    switch signature {
                    case .some(let signature):
                        return signature.withBytes { bytes in
                            bytes.indices.map { bytes[$0] } == PublishedKeys.signature
                        }
                    case .none: return false
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test("a text without a usable key is refused with the reason")
    func refusals() {
        #expect(refusal(of: "") == .unreadable)
        #expect(refusal(of: "Paste the key here") == .unreadable)
        #expect(refusal(of: String(PublishedKeys.rfc7515.dropLast(200))) == .unreadable)
        #expect(refusal(of: PublishedKeys.rfc7515Encrypted) == .unreadable)
        #expect(refusal(of: PublishedKeys.ellipticCurve) == .notRSA)
        #expect(refusal(of: PublishedKeys.short) == .tooShort(bits: 1024))
        let padding = String(repeating: "\n", count: RSASigner.maximumPEMBytes)
        #expect(refusal(of: padding + PublishedKeys.rfc7515) == .tooLong)
        #expect(refusal(of: PublishedKeys.rfc7515) == nil)
    }

    private func refusal(of pem: String) -> RSASigner.Refusal? {
        do throws(RSASigner.Refusal) {
            _ = try RSASigner(pem: pem.utf8Span.span)
            return nil
        } catch {
            return error
        }
    }
}
