import Foundation
import Testing

@testable import Agent
@testable import Secrets

@Suite("Status page", .onItsOwnThread, .timeLimit(.minutes(3)))
struct StatusPageTests {
    private static func overview(
        isReady: Bool = true,
        tables: [StatusOverview.Table] = []
    ) -> StatusOverview {
        StatusOverview(node: "n", version: "1", uptime: "1 s", isReady: isReady, figures: [], tables: tables)
    }

    private static func page(_ parts: [HealthReport.Part], isReady: Bool = true) -> String {
        StatusPage.html(HealthReport(parts: parts), overview(isReady: isReady))
    }

    private static func part(_ name: String, _ status: HealthStatus) -> HealthReport.Part {
        HealthReport.Part(name: name, status: status, words: "it is \(status)", details: [])
    }

    @Test func `a browser finds nothing wrong with it, in light and dark, large and small, with scripts and without`()
        throws
    {
        try Node.run { node in
            var worker = try node.caller(Domain.worker)
            for _ in 0..<3 { _ = try worker.get("GREETING") }
            _ = try worker.get("GREETING", in: "elsewhere")
            try node.withEndpoint { port in
                let script = Checkout.path("Tests/StatusPage/status_page.py")
                let (status, text) = try Checkout.run(
                    "/usr/bin/python3",
                    ["-B", script, "http://127.0.0.1:\(port)/"]
                )
                #expect(status == 0, "\(text)")
            }
            // The connection stood open until now.
            _ = try worker.get("GREETING")
        }
    }

    @Test func `the verdict is a sentence, for each way that things can be`() {
        let up = Self.part("loops", .up)
        #expect(Self.page([up]).contains("<h1>Up, and all is well</h1>"))
        #expect(Self.page([up, Self.part("backends", .down)]).contains("<h1>Up, with trouble: backends</h1>"))
        #expect(Self.page([up, Self.part("audit", .unknown)]).contains("<h1>Up, and all is well</h1>"))
        #expect(Self.page([up], isReady: false).contains("<h1>Up, but not ready</h1>"))
        let down = Self.page([Self.part("audit", .down), up, Self.part("loops", .down)], isReady: false)
        #expect(down.contains("<h1>Down: audit, loops</h1>"))
        #expect(down.contains("<title>DOWN"))
    }

    @Test func `whatever a node, a part or a table is called, it stays text`() {
        let evil = "</script><script>alert('1')</script>\"&"
        let shown = "&lt;/script&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"
        let part = HealthReport.Part(name: evil, status: .up, words: evil, details: [(evil, .text(evil))])
        let table = StatusOverview.Table(
            id: "nodes",
            title: evil,
            note: evil,
            columns: [.init(title: evil), .init(title: evil, kind: .number)],
            rows: [[evil, evil]],
            empty: evil
        )
        let empty = StatusOverview.Table(id: "none", title: evil, columns: [], rows: [], empty: evil)
        let overview = StatusOverview(
            node: evil,
            version: evil,
            uptime: evil,
            isReady: true,
            figures: [StatusOverview.Figure(label: evil, value: evil, note: evil)],
            tables: [table, empty]
        )
        let page = StatusPage.html(HealthReport(parts: [part]), overview)
        #expect(!page.contains(evil))
        #expect(page.ranges(of: shown).count >= 18)
        #expect(page.ranges(of: "<script>").count == 1)
    }

    @Test func `a state in a table is shown by mark and word, and any other word as it is`() {
        let table = StatusOverview.Table(
            id: "nodes",
            title: "Nodes",
            columns: [.init(title: "Node"), .init(title: "State", kind: .state)],
            rows: [["a", "UP"], ["b", "DOWN"], ["c", "<TERMINATING>"]],
            empty: "None."
        )
        let page = StatusPage.html(HealthReport(parts: []), Self.overview(tables: [table]))
        #expect(
            page.contains(
                "<th scope=\"row\">a</th><td><span class=\"state UP\"><span aria-hidden=\"true\">✓</span> UP</span></td>"
            )
        )
        #expect(page.contains("<th scope=\"row\">b</th><td><span class=\"state DOWN\">"))
        #expect(page.contains("<th scope=\"row\">c</th><td>&lt;TERMINATING&gt;</td>"))
    }

    @Test func `its policy names the style and the script that are in the page, and forbids the rest`() throws {
        let policy = try #require(StatusPagePolicy.fields.first { $0.name == "Content-Security-Policy" }?.value)
        #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-"))
        #expect(!policy.contains("unsafe"))
        let page = Self.page([])
        #expect(page.contains("<style>\(StatusPageStyle.text)</style>"))
        #expect(page.contains("<script>\(StatusPageScript.text)</script>"))
        #expect(!page.contains("style=\"") && !page.contains("onclick"))
    }

    @Test(
        "durations read well",
        arguments: [
            (0, "0 µs"), (999, "0 µs"), (5000, "5 µs"), (1_500_000, "1 ms"), (59_999_000_000, "59 s"),
            (60_000_000_000, "1 min"), (61_000_000_000, "1 min 1 s"),
            (9 * 60_000_000_000 + 59_000_000_000, "9 min 59 s"),
            (600_000_000_000, "10 min"), (5_400_000_000_000, "1 h 30 min"), (36_000_000_000_000, "10 h"),
            (90_000_000_000_000, "1 d 1 h"), (864_000_000_000_000, "10 d"), (-5, "0 µs"),
        ]
    )
    func durations(nanoseconds: Int64, text: String) { #expect(Words.duration(nanoseconds) == text) }

    @Test func `bytes, counts, shares and rates read well`() {
        #expect(Words.bytes(512) == "512 B")
        #expect(Words.bytes(1536) == "1.5 KiB")
        #expect(Words.bytes(4 << 20) == "4 MiB")
        #expect(Words.bytes(3 << 30) == "3 GiB")
        #expect(Words.count(999) == "999")
        #expect(Words.count(1_234_567) == "1\u{202F}234\u{202F}567")
        #expect(Words.share(0, of: 0) == "–")
        #expect(Words.share(2, of: 3) == "66.6 %")
        #expect(Words.rate(0, in: 1_000_000_000) == "0.0 / s")
        #expect(Words.rate(25, in: 10_000_000_000) == "2.5 / s")
        #expect(Words.rate(2_000_000, in: 10_000_000_000) == "200\u{202F}000 / s")
        #expect(Words.rate(1, in: 0) == "–")
        #expect(Words.rate(.max, in: 1) == "–")
    }
}
