import Testing

@testable import Backends

@Suite("Labels of Google Secret Manager")
struct GoogleLabelsTests {
    @Test(
        "what the service accepts",
        arguments: [
            ("application", "kestra-production"), ("a", ""), ("team_1", "0"), ("\u{e9}quipe", "\u{e9}t\u{e9}"),
            ("\u{6771}\u{4eac}", "\u{6771}\u{4eac}"),
            (String(repeating: "a", count: 63), String(repeating: "9", count: 63)),
        ]
    )
    func accepted(name: String, value: String) {
        #expect(GoogleLabels.fault(name: name, value: value) == nil)
    }

    @Test(
        "names that are none",
        arguments: [
            "", "Application", "1st", "-a", "_a", "a.b", "a/b", "a b", String(repeating: "a", count: 64),
            String(repeating: "\u{6771}", count: 43),
        ]
    )
    func names(name: String) {
        #expect(GoogleLabels.fault(name: name, value: "v") == .name)
    }

    @Test(
        "values that are none",
        arguments: ["Production", "a.b", "a b", "\u{1f511}", String(repeating: "a", count: 64), "line\nbreak"]
    )
    func values(value: String) {
        #expect(GoogleLabels.fault(name: "a", value: value) == .value)
    }

    @Test("the first fault in the order of names is the one that is told")
    func order() throws {
        let fault = try #require(GoogleLabels.fault(in: ["c": "C", "b": "B", "a": "a"]))
        #expect(fault.name == "b" && fault.fault == .value)
        #expect(GoogleLabels.fault(in: ["a": "a"]) == nil)
    }
}

@Suite("What Google Secret Manager writes")
struct GoogleFormatTests {
    @Test(
        "CRC-32C of the published vectors",
        arguments: [
            ([], 0), (Array("a".utf8), 3_251_651_376), (Array("123456789".utf8), 3_808_858_755),
            (Array("hunter2".utf8), 1_736_498_283), (Array("s3cr\u{0}t".utf8), 1_167_915_893),
            ([UInt8](repeating: 0, count: 32), 2_324_772_522), ([UInt8](repeating: 0xff, count: 32), 1_655_221_059),
            ((0..<32).map { UInt8($0) }, 1_188_919_630),
        ] as [([UInt8], UInt32)]
    )
    func checksum(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32C.of(bytes.span) == expected)
    }

    @Test(
        "times",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T09:30:15.123456Z", 1_795_253_415_123),
            ("2026-11-21T09:30:15.1Z", 1_795_253_415_100), ("2024-02-29T23:59:59.999999999Z", 1_709_251_199_999),
            ("2024-03-01T00:00:00Z", 1_709_251_200_000), ("2000-01-01T00:00:00+01:30", 946_679_400_000),
            ("1969-12-31T23:59:59Z", -1000),
        ] as [(String, Int64)]
    )
    func times(text: String, expected: Int64) {
        #expect(ISODate.milliseconds(text) == expected)
    }

    @Test(
        "texts that are no times",
        arguments: [
            "", "2026", "2026-11-21", "2026-11-21T09:30:15", "2026-13-21T09:30:15Z", "2026-11-21T24:30:15Z",
            "2026-11-21T09:30:15Zx", "2026-11-21 09:30:15Z", "2026-11-21T09:30:15+1:00",
        ]
    )
    func notTimes(text: String) {
        #expect(ISODate.milliseconds(text) == nil)
    }
}
