import Configuration
import Testing

@Suite("Durations and sizes")
struct ValueTextTests {
    @Test(
        "durations are read",
        arguments: [
            ("0s", Duration.zero), ("7ns", .nanoseconds(7)), ("7us", .microseconds(7)), ("25ms", .milliseconds(25)),
            ("60s", .seconds(60)), ("5m", .seconds(300)), ("2h", .seconds(7200)), ("7d", .seconds(604_800)),
            ("36500d", .seconds(36_500 * 86_400)), ("PT60S", .seconds(60)), ("PT1M30S", .seconds(90)),
            ("PT0.25S", .milliseconds(250)), ("PT1H", .seconds(3600)), ("P1D", .seconds(86_400)),
            ("P1DT2H3M4.000000005S", .seconds(93_784) + .nanoseconds(5)), ("P30D", .seconds(2_592_000)),
        ]
    )
    func durations(text: String, expected: Duration) throws {
        #expect(try DurationText.parse(text) == expected)
        #expect(try DurationText.parse(DurationText.format(expected)) == expected)
    }

    @Test(
        "other texts are refused for a reason",
        arguments: [
            ("60", DurationText.Refusal.noUnit), ("", .malformed), ("s", .malformed), ("60 seconds", .malformed),
            ("60 s", .malformed), ("1.5s", .malformed), ("1h30m", .malformed), ("60S", .malformed),
            ("5min", .malformed),
            ("-5s", .negative), ("PT-5S", .negative), ("-PT5S", .negative), ("P", .malformed), ("PT", .malformed),
            ("P1M", .malformed), ("P1Y", .malformed), ("P1W", .malformed), ("PT1S1M", .malformed),
            ("PT1M1M", .malformed),
            ("PT.5S", .malformed), ("PT1.5M", .malformed), ("PT1.S", .malformed), ("pt1s", .malformed),
            ("P1DT", .malformed),
            ("36501d", .tooLarge), ("99999999999999999999s", .tooLarge), ("9223372036854775807d", .tooLarge),
            ("9223372036854775807s", .tooLarge), ("P99999999D", .tooLarge), ("PT3153600001S", .tooLarge),
            ("+5s", .malformed), ("٣s", .malformed), ("5µs", .malformed),
        ]
    )
    func refusedDurations(text: String, reason: DurationText.Refusal) {
        #expect(throws: reason) { try DurationText.parse(text) }
        #expect(!reason.message.isEmpty)
    }

    @Test(
        "sizes are read",
        arguments: [
            ("0", 0), ("1000", 1000), ("12B", 12), ("64KiB", 65_536), ("4MiB", 4 << 20), ("2GiB", 2 << 30),
            ("64KB", 64_000), ("3MB", 3_000_000), ("1GB", 1_000_000_000),
        ]
    )
    func sizes(text: String, expected: Int) {
        #expect(ByteSizeText.parse(text) == expected)
        #expect(ByteSizeText.parse(ByteSizeText.format(expected)) == expected)
    }

    @Test(
        "other texts are no sizes",
        arguments: [
            "", "MiB", "-1", "+1", "1.5MiB", "1 MiB", "1mib", "1K", "1TiB", "9223372036854775807KiB",
            "99999999999999999999",
        ]
    )
    func refusedSizes(text: String) {
        #expect(ByteSizeText.parse(text) == nil)
    }

    @Test(
        "keys in camelCase are the kebab-case ones",
        arguments: [
            ("clientSecret", "client-secret"), ("client-secret", "client-secret"), ("clientCA", "client-ca"),
            ("keyVaultURI", "key-vault-uri"), ("URLPath", "url-path"), ("Address", "address"),
            ("1password", "1password"),
            ("sha256Sum", "sha256-sum"), ("", ""), ("already-Mixed", "already-mixed"),
        ]
    )
    func spellings(key: String, expected: String) {
        #expect(KeySpelling.kebab(key) == expected)
    }

    @Test(
        "switches are read in every case, and nothing else is one",
        arguments: [
            ("true", true), ("YES", true), ("y", true), ("On", true), ("false", false), ("no", false), ("N", false),
            ("off", false),
        ]
    )
    func switches(text: String, expected: Bool) throws {
        #expect(try load("tacit: {audit: {required: \(text)}}").settings.audit.required == expected)
    }
}
