import Secrets
import Testing

@testable import Backends

@Suite("Texts of the web")
struct WebTextTests {
    @Test(
        "dates of headers",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ] as [(String, Int64)]
    )
    func headerDates(text: String, seconds: Int64) { #expect(HTTPDate.seconds(text) == seconds) }

    @Test(
        "what is no date of a header",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        ]
    )
    func noHeaderDates(text: String) { #expect(HTTPDate.seconds(text) == nil) }

    @Test("a text comes back out of its percent-encoding", arguments: ["", "a b", "caf\u{e9}/%41", "\u{0}:\n"])
    func percent(text: String) {
        #expect(PercentEncoding.decode(PercentEncoding.encode(text))?.hasSameBytes(as: text) == true)
    }

    @Test("what is no percent-encoding", arguments: ["%", "%4", "%4g", "%c3"])
    func noPercent(text: String) { #expect(PercentEncoding.decode(text) == nil) }

    @Test(
        "dates of JSON",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T09:30:15.123456789Z", 1_795_253_415_123),
            ("2026-11-21T10:30:15+01:00", 1_795_253_415_000), ("2000-03-01t00:00:00z", 951_868_800_000),
        ] as [(String, Int64)]
    )
    func jsonDates(text: String, milliseconds: Int64) { #expect(ISODate.milliseconds(text) == milliseconds) }

    @Test("dates are written in UTC with milliseconds, and read as what they were")
    func writtenDates() {
        #expect(ISODate.text(1_767_323_045_006) == "2026-01-02T03:04:05.006Z")
        for moment in [0, 951_868_799_999, 1_795_253_415_123, 4_102_444_800_000] as [Int64] {
            #expect(ISODate.milliseconds(ISODate.text(moment)) == moment)
        }
        #expect(ISODate.text(-5) == ISODate.text(0))
    }

    @Test(
        "what is no date of JSON",
        arguments: [
            "", "2026-11-21", "2026-13-21T09:30:15Z", "2026-11-21T09:30:15", "2026-11-21 09:30:15Z",
            "2026-11-21T09:30:15Zx", "2026-11-21T09:30:15+1:00",
        ]
    )
    func noJSONDates(text: String) { #expect(ISODate.milliseconds(text) == nil) }

    @Test("percent-encoding")
    func percent() {
        #expect(PercentEncoding.encode("a b/c~é%") == "a%20b%2Fc~%C3%A9%25")
        #expect(PercentEncoding.encode("team/kv 1", keeping: "/") == "team/kv%201")
    }
}
