import SecretMemory
import Testing

@testable import Secrets

@Suite("A JSON answer")
struct JSONDocumentTests {
    private struct Missing: Error {}

    private func document(_ text: String) throws -> JSONDocument {
        try JSONDocument(SecretBytes(copying: text.utf8Span.span))
    }

    private func text(_ secret: borrowing SecretBytes) -> String {
        var bytes: [UInt8] = []
        for index in 0..<secret.count { bytes.append(secret.bytes[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("is walked by names, through arrays and objects")
    func walk() throws {
        let json = try document(#" {"a":{"b":[1,{"c":"d\u00e9\n"},null,true]},"n":-5,"a2":{}} "#)
        guard let list = json.node("a", "b") else { throw Missing() }
        let elements = json.elements(of: list)
        try #require(elements.count == 4)
        let integers = [json.integer(elements[0]), json.integer(json.node("n")), json.integer(list)]
        #expect(integers == [1, -5, nil])
        let strings = [json.string(json.node("c", in: elements[1])), json.string(elements[0])]
        #expect(strings == ["d\u{e9}\n", nil])
        let (kind, boolean) = (json.kind(elements[2]), json.boolean(elements[3]))
        #expect(kind == .null && boolean == true)
        let missing = [json.node("a", "x"), json.node("n", "x"), json.node("x")]
        #expect(missing == [nil, nil, nil])
        let (names, isAlone) = (json.members(of: json.root).map(\.name), json.onlyMember(of: json.root) != nil)
        #expect(names == ["a", "n", "a2"] && !isAlone)
    }

    @Test("counts the last of two members of one name, whatever way the name is written")
    func twice() throws {
        let json = try document(#"{"key":1,"\u006bey":2}"#)
        let found = json.integer(json.node("key"))
        #expect(found == 2)
    }

    @Test("gives secrets as they were meant: texts unescaped, the rest as it is written, structures compact")
    func secrets() throws {
        let json = try document(#"{"t":"a\"b\\\ud83d\udd11","n":1.50e3,"o":{ "x" : [ 1 , "y z" ] },"e":""}"#)
        let expected = ["t": "a\"b\\\u{1f511}", "n": "1.50e3", "o": #"{"x":[1,"y z"]}"#, "e": ""]
        for (name, value) in expected {
            guard let node = json.node(name) else { throw Missing() }
            let secret = text(try json.secret(node))
            #expect(secret == value)
        }
    }

    @Test("gives the bytes of Base64, and says where it is none")
    func base64() throws {
        let json = try document(#"{"good":"AAECAw==","bad":"AA*=","number":5}"#)
        guard let good = json.node("good") else { throw Missing() }
        let bytes = try json.base64(good)
        let (count, last) = (bytes.count, bytes.bytes[3])
        #expect(count == 4 && last == 3)
        for (name, position) in [("bad", 2), ("number", 0)] {
            guard let node = json.node(name) else { throw Missing() }
            do throws(Base64.Failure) {
                _ = try json.base64(node).count
                Issue.record("\(name) was decoded")
            } catch { #expect(error == .malformed(position: position)) }
        }
    }

    @Test(
        "that is broken, too deep or too large is refused as a whole",
        arguments: [
            "", "{", "{\"a\":1,}", "[1 2]", "{} {}", "\"\\x\"", "nul", "{\"a\"}", "[\"\u{1}\"]",
            String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
            "[" + String(repeating: "1,", count: JSONDocument.maximumPlaces) + "1]",
        ]
    )
    func broken(text: String) throws {
        let bytes = try SecretBytes(copying: text.utf8Span.span)
        do throws(JSONDocument.Malformed) {
            _ = try JSONDocument(bytes)
            Issue.record("it was accepted")
        } catch {}
    }

    @Test("what is written is read back the same, whatever the bytes")
    func roundTrip() throws {
        let values = [
            "", "plain", "q\"b\\s\u{0}\u{1f}\u{7f}/", "\u{1f511}\u{e9}", String(repeating: "\u{1}x", count: 5000),
        ]
        var writer = JSONWriter()
        try writer.beginObject()
        try writer.key("list")
        try writer.beginArray()
        for value in values { try writer.string(value.utf8Span.span) }
        try writer.endArray()
        try writer.key("odd \"name\"")
        try writer.integer(-7)
        try writer.key("bytes")
        try writer.base64([0, 255, 16].span)
        try writer.key("empty")
        try writer.beginObject()
        try writer.endObject()
        try writer.key("flags")
        try writer.beginArray()
        try writer.boolean(true)
        try writer.null()
        try writer.endArray()
        try writer.endObject()
        let json = try JSONDocument(writer.finish())
        guard let list = json.node("list"), let flags = json.node("flags") else { throw Missing() }
        var read: [String?] = []
        for element in json.elements(of: list) { read.append(json.string(element)) }
        #expect(read == values)
        let (number, encoded) = (json.integer(json.node("odd \"name\"")), json.string(json.node("bytes")))
        #expect(number == -7 && encoded == "AP8Q")
        let count = json.elements(of: flags).count
        #expect(count == 2)
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test("of both alphabets is read back")
    func roundTrip() throws {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 251 - $0 * 3) }
            for isURL in [false, true] {
                let written = try SecretBytes(capacity: Base64.encodedCount(count)) { output in
                    if isURL {
                        Base64.encodeURL(bytes.span, into: &output)
                    } else {
                        Base64.encode(bytes.span, into: &output)
                    }
                }
                let read = try isURL ? Base64.decodeURL(written.bytes) : Base64.decode(written.bytes)
                #expect(read.count == count)
                for index in 0..<min(count, read.count) { #expect(read.bytes[index] == bytes[index]) }
                if isURL, count % 3 != 0 { #expect(written.bytes[written.count - 1] != UInt8(ascii: "=")) }
            }
        }
    }

    @Test("of one alphabet is not read as the other")
    func alphabets() throws {
        #expect(throws: Base64.Failure.malformed(position: 0)) { _ = try Base64.decode("-_==".utf8Span.span).count }
        #expect(throws: Base64.Failure.malformed(position: 0)) { _ = try Base64.decodeURL("+/==".utf8Span.span).count }
    }
}
