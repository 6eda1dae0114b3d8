import Testing

@testable import Secrets

@Suite("JSON fields")
struct JSONFieldTests {
    @Test(
        "a scalar is its text, a structure is compact JSON",
        arguments: [
            (#"{"a":"x"}"#, "x"), (#" { "a" : "x" } "#, "x"), (#"{"a":""}"#, ""), (#"{"a":1}"#, "1"),
            (#"{"a":-0.50e+3}"#, "-0.50e+3"),
            (#"{"a":1E400}"#, "1E400"), (#"{"a":true}"#, "true"), (#"{"a":false}"#, "false"), (#"{"a":null}"#, "null"),
            (#"{"a":{}}"#, "{}"), (#"{"a":[]}"#, "[]"), (#"{"a": [ 1 , 2 ] }"#, "[1,2]"),
            ("{\"a\":\n{\t\"b\" :\r\n\"c d\" } }", #"{"b":"c d"}"#),
            (#"{"a": {"x y": "\" } ]", "z": [ { } ]} }"#, #"{"x y":"\" } ]","z":[{}]}"#),
            (#"{"a":["\\", " "]}"#, #"["\\"," "]"#),
            (#"{"b":{"a":"inner"},"a":"outer"}"#, "outer"), (#"{"b":["a"],"c":"a","a":"v"}"#, "v"),
            (#"{"a":"1","a":"2"}"#, "2"), (#"{"a":"1","a":{"b":2}}"#, #"{"b":2}"#),
            (#"{"a":{"b":2},"b":0,"a":""}"#, ""),
        ]
    )
    func values(document: String, value: String) throws {
        #expect(try JSONText.field("a", of: document) == value)
    }

    @Test(
        "escapes are taken apart in a value",
        arguments: [
            (#"\" \\ \/ \b \f \n \r \t"#, "\" \\ / \u{8} \u{c} \n \r \t"), (#"\u0041\u00e9\u20ac"#, "A\u{e9}\u{20ac}"),
            (#"\ud83d\udd11"#, "\u{1f511}"), (#"\uD800\uDC00"#, "\u{10000}"), (#"\uDBFF\uDFFF"#, "\u{10ffff}"),
            (#"\u0000"#, "\u{0}"),
            (#"\u007f\u0080\u07ff\u0800\uffff\ud7ff\ue000"#, "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{d7ff}\u{e000}"),
            (#"\\u0041"#, #"\u0041"#), (#"a\u0022b"#, "a\"b"), ("\u{1f511}\u{e9}", "\u{1f511}\u{e9}"),
        ]
    )
    func escapes(text: String, value: String) throws {
        let found = try JSONText.field("a", of: Array("{\"a\":\"\(text)\"}".utf8))
        #expect(found == Array(value.utf8))
    }

    @Test("escapes are taken apart in a name, and only whole names match")
    func names() throws {
        #expect(try JSONText.field("a\"b", of: #"{"a\"b":"1"}"#) == "1")
        #expect(try JSONText.field("\u{1f511}", of: #"{"\ud83d\udd11":"1"}"#) == "1")
        #expect(try JSONText.field("", of: #"{"":"1"}"#) == "1")
        #expect(try JSONText.field("K", of: #"{"\u212a":"kelvin","K":"letter"}"#) == "letter")
        for name in ["ab", "", "A", "a ", "a\u{0}"] {
            #expect(throws: JSONField.Failure.missing) { try JSONText.field(name, of: #"{"a":1,"abc":2}"#) }
        }
        #expect(throws: JSONField.Failure.missing) { try JSONText.field("b", of: #"{"a":{"b":1}}"#) }
        #expect(throws: JSONField.Failure.missing) { try JSONText.field("a", of: "{}") }
    }

    @Test(
        "what is no JSON object is refused, whether or not the field stands in it",
        arguments: [
            "", " ", "null", "1", "\"a\"", "[]", "[{\"a\":1}]", "{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1",
            "{\"a\":1,}",
            "{,\"a\":1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "{\"a\":1}x", "{\"a\":1}{}", "{a:1}", "{'a':1}",
            "{\"a\":'x'}",
            "{\"a\":01}", "{\"a\":-}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":1e+}",
            "{\"a\":0x1}", "{\"a\":--1}",
            "{\"a\":-01}", "{\"a\":1 2}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":tru}", "{\"a\":TRUE}",
            "{\"a\":truee}", "{\"a\":nul}",
            "{\"a\":\"x}", "{\"a\":\"\\x\"}", "{\"a\":\"\\", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u12g4\"}",
            "{\"a\":\"\\U0041\"}",
            "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud800x\"}", "{\"a\":\"\\ud800\\n\"}",
            "{\"a\":\"\\ud800\\u0041\"}",
            "{\"a\":\"\\ud800\\ud800\"}", "{\"a\":\"\\udc00\\ud800\"}", "{\"a\":\"\n\"}", "{\"a\":\"\t\"}",
            "{\"a\":\"\u{0}\"}",
            "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1 2]}", "{\"a\":[}", "{\"a\":{\"b\"}}", "{\"a\":{1:2}}",
            "{\"a\":[1}}",
            "{\"a\":1}\u{0}", "\u{feff}{\"a\":1}", "{\"a\":1}//", "/**/{\"a\":1}", "{\u{a0}\"a\":1}", "{\u{b}\"a\":1}",
        ]
    )
    func broken(document: String) {
        #expect(throws: JSONField.Failure.notObject) { try JSONText.field("a", of: document) }
        #expect(throws: JSONField.Failure.notObject) { try JSONText.field("zzz", of: document) }
    }

    @Test("nesting has a limit, and a document far beyond it does no harm")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        let deepest = JSONField.maximumDepth
        #expect(
            try JSONText.field("a", of: nested(deepest)) == String(repeating: "[", count: deepest)
                + String(repeating: "]", count: deepest)
        )
        #expect(throws: JSONField.Failure.notObject) { try JSONText.field("a", of: nested(deepest + 1)) }
        #expect(throws: JSONField.Failure.notObject) { try JSONText.field("a", of: nested(200_000)) }
        let objects = String(repeating: "{\"a\":", count: 200_000)
        #expect(throws: JSONField.Failure.notObject) { try JSONText.field("a", of: objects) }
    }

    @Test("a document of a megabyte is read in one go")
    func large() throws {
        let filler = (0..<20_000).map { "\"key\($0)\":{\"n\":[\($0),\"\\u00e9\"]}" }.joined(separator: ",")
        let document = "{\(filler),\"a\":\"last\"}"
        #expect(try JSONText.field("a", of: document) == "last")
        #expect(try JSONText.field("key19999", of: document) == #"{"n":[19999,"\u00e9"]}"#)
    }

    @Test("bytes that are no UTF-8 pass through as they are: the value is the caller's")
    func notText() throws {
        let document: [UInt8] = Array("{\"a\":\"".utf8) + [0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80] + Array("\"}".utf8)
        #expect(try JSONText.field("a", of: document) == [0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80])
    }
}
