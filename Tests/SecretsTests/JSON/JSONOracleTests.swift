import Foundation
import SeededGenerator
import Testing

@testable import Secrets

/// Foundation's parser as a second opinion on what is a JSON object.
@Suite("JSON against a second parser")
struct JSONOracleTests {
    static let documents = [
        #"{"a":"x","b":[1,-2.5e-3,{"c":null}],"d":{"e":"\u00e9\ud83d\udd11\\\"","f":true},"":false}"#,
        #" { "user" : "app" , "password" : "p\/w\n" , "ports" : [ 5432 , 0 ] , "tls" : { } } "#,
        #"{"a":{"a":{"a":[[[["deep"]]]]}},"a":"again","n":0.0,"m":-0,"z":1E+2}"#,
        "{\"\u{e9}\":\"\u{1f511}\u{20ac}\",\"tab\\t\":\"\\b\\f\\r\"}",
    ]

    private static func parsed(_ bytes: [UInt8]) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
    }

    /// Where the two are meant to differ: a byte order mark and other encodings, which a secret's fields do not come in, and
    /// bytes that are no UTF-8, which pass through.
    private static func isComparable(_ bytes: [UInt8]) -> Bool {
        !bytes.contains(0) && !bytes.starts(with: [0xef, 0xbb, 0xbf]) && !bytes.starts(with: [0xff, 0xfe])
            && !bytes.starts(with: [0xfe, 0xff]) && String(validating: bytes, as: UTF8.self) != nil
    }

    /// Foundation takes a comma behind the last element, which RFC 8259 does not know.
    private static func withoutTrailingCommas(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if !isInString, byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
                let end = result.lastIndex { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
                if let end, result[end] == UInt8(ascii: ",") { result.remove(at: end) }
            }
            result.append(byte)
            if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
            isEscaped = isInString && byte == UInt8(ascii: "\\") && !isEscaped
        }
        return result
    }

    /// Foundation refuses numbers that a Double cannot hold; here a number is its text.
    private static func hasLargeExponent(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(/[0-9][eE][+-]?[0-9]{3,}/)
    }

    @Test("every truncation of a valid document is refused", arguments: documents)
    func truncations(document: String) throws {
        let bytes = Array(document.utf8)
        #expect(JSONText.isObject(bytes))
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for count in 0...end where JSONText.isObject(Array(bytes.prefix(count))) {
            Issue.record("accepted after \(count) of \(bytes.count) bytes")
        }
    }

    @Test("random changes are accepted and refused alike", arguments: documents)
    func mutations(document: String) {
        var generator = SeededGenerator(seed: 21)
        let original = Array(document.utf8)
        let alphabet =
            Array(#"{}[]",:\/ubfnrt0123456789+-.eE tfalsn"#.utf8) + [
                0x09, 0x0a, 0x0d, 0x1f, 0x20, 0x7f, 0xc3, 0xa9, 0xff,
            ]
        var (accepted, refused) = (0, 0)
        for round in 0..<6000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(generator.pick(alphabet), at: place)
                case 2: bytes[place] = generator.pick(alphabet)
                default: bytes.swapAt(place, Int.random(in: bytes.indices, using: &generator))
                }
            }
            let ours = JSONText.isObject(bytes)
            guard Self.isComparable(bytes) else { continue }
            if ours { accepted += 1 } else { refused += 1 }
            let theirs = Self.parsed(bytes) != nil
            if ours, !theirs, Self.hasLargeExponent(bytes) { continue }
            if theirs, !ours, JSONText.isObject(Self.withoutTrailingCommas(bytes)) { continue }
            guard ours == theirs else {
                Issue.record(
                    "round \(round): \(ours ? "accepted" : "refused") \(String(decoding: bytes, as: UTF8.self))"
                )
                return
            }
        }
        #expect(accepted > 300)
        #expect(refused > 500)
    }

    @Test("random bytes never trap")
    func noise() {
        var generator = SeededGenerator(seed: 22)
        let alphabet = Array("{}[]\",:\\u".utf8) + [0x00, 0x20, 0x31, 0xd8, 0xff]
        for _ in 0..<30_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in generator.pick(alphabet) }
            let start: [UInt8] = Bool.random(using: &generator) ? Array("{\"a\":\"".utf8) : []
            _ = try? JSONText.field("a", of: start + bytes)
        }
    }

    @Test("strings of random characters come out as both parsers read them")
    func strings() throws {
        var generator = SeededGenerator(seed: 23)
        let characters = [
            "a", "\"", "\\", "/", "\n", "\u{8}", "\u{1}", "\u{7f}", "\u{e9}", "\u{20ac}", "\u{1f511}", "\u{301}",
            "\u{0}", " ",
        ]
        for _ in 0..<3000 {
            let (name, value) = (
                (0..<Int.random(in: 1...4, using: &generator)).map { _ in generator.pick(characters) }.joined(),
                (0..<Int.random(in: 0...8, using: &generator)).map { _ in generator.pick(characters) }.joined()
            )
            let object: [String: Any] = [name: value, "other": [value]]
            let document = [UInt8](try JSONSerialization.data(withJSONObject: object))
            #expect(try JSONText.field(name, of: document) == Array(value.utf8))
            let inner = try JSONText.field("other", of: document)
            let array = try #require(try JSONSerialization.jsonObject(with: Data(inner)) as? [String])
            #expect(array.map { Array($0.utf8) } == [Array(value.utf8)])
        }
    }
}
