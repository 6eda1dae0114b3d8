import Testing

@testable import Agent

@Suite("Audit lines")
struct LineBufferTests {
    private func text(_ write: (inout LineBuffer) -> Void) -> String {
        var buffer = LineBuffer(capacity: 8)
        write(&buffer)
        let bytes = buffer.bytes
        return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    /// One character after the other, as a reader of RFC 8259 would write it.
    private func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20: "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined()
    }

    @Test func `what has a meaning in JSON is escaped wherever it stands, and nothing else`() {
        for length in 0...24 {
            for place in 0..<max(1, length) {
                for character: Character in ["\"", "\\", "\n", "\u{0}", "\u{1f}", " ", "!", "\u{7f}", "é", "x"] {
                    let name = String((0..<length).map { $0 == place ? character : "a" })
                    #expect(text { $0.append(escaping: name.utf8Span.span) } == escaped(name))
                }
            }
        }
    }

    @Test func `a member is written with its comma, quotes and colon`() {
        #expect(text { $0.append(member: "key", escaping: "a\"b".utf8Span.span) } == #","key":"a\"b""#)
        #expect(text { $0.append(member: "decision", verbatim: "allow") } == #","decision":"allow""#)
    }

    @Test(arguments: [0, 7, 10, -1, 999_999_999_999, .max, .min])
    func `numbers are written in full`(number: Int64) {
        #expect(text { $0.append(decimal: number) } == "\(number)")
    }

    @Test func `a buffer grows by what is written to it`() {
        let long = String(repeating: "name.", count: 1000)
        #expect(text { for _ in 0..<3 { $0.append(escaping: long.utf8Span.span) } } == long + long + long)
    }
}
