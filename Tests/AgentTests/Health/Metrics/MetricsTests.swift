import Foundation
import Liveness
import Registry
import Synchronization
import Testing

@testable import Agent
@testable import Secrets

@Suite("Metrics", .onItsOwnThread, .timeLimit(.minutes(2)))
struct MetricsTests {
    /// What a name stands for, on a page or in a table.
    private struct Family: Hashable {
        let name: String
        let type: String
        let labels: Set<String>
    }

    /// What a node shows that has answered, denied, refused, and asked its manager.
    private static func exposition() throws -> String {
        var text = ""
        try Node.run({ choices, domain in choices.revocationList = try domain.revoke([]) }) { node in
            var caller = try node.caller(Domain.worker)
            _ = try caller.get("KEY")
            _ = try caller.get("KEY")
            _ = try caller.get("KEY", in: "elsewhere")
            _ = try? node.caller("spiffe://elsewhere.org/nobody").wasResumed
            _ = try PlainSocket(node.unix).send([0x16, 0x03, 0x01, 0x00, 0x01, 0x00])
            try waitUntil("a handshake is refused") { !node.door.statistics.refused.isEmpty }
            try Self.withRegistry(of: node) { text = Metrics(collector: node.health).exposition() }
        }
        return text
    }

    /// Its figures have samples only where there is one.
    private static func withRegistry(of node: Node, _ body: () throws -> Void) throws {
        var rules = LivenessRules()
        rules.interval = .milliseconds(20)
        let nodes = NodeRegistry(
            SQLiteRegistry(path: node.workspace.path("nodes.db")),
            rules: rules,
            purge: RegistryMember.Purge(),
            services: node.services,
            listeners: []
        )
        try nodes.start()
        defer { nodes.end(gracefully: true) }
        node.services.nodes.withLock { $0 = nodes }
        try waitUntil("it has been read") { nodes.current.listing?.rows.isEmpty == false }
        try body()
    }

    private static func families(ofPage text: String) -> Set<Family> {
        var types: [String: String] = [:]
        var labels: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if words[0] == "#" {
                if words[1] == "TYPE" { types[words[2]] = words[3] }
                continue
            }
            let name = String(words[0].prefix { $0 != "{" })
            let family = types[name] != nil ? name : baseName(name)
            let named = line.matches(of: /([a-z_]+)="/).map { String($0.1) }.filter { $0 != "le" }
            labels[family, default: []].formUnion(named)
        }
        return Set(types.map { Family(name: $0.key, type: $0.value, labels: labels[$0.key] ?? ["without a sample"]) })
    }

    /// Of a histogram's samples.
    private static func baseName(_ name: String) -> String {
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }

    @Test func `the documentation has a row for each metric, with its type and labels, and no other`() throws {
        let rows = try Checkout.text("docs/metrics.md").split(separator: "\n").compactMap { line -> Family? in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count > 5, cells[1].hasPrefix("`tacit_") else { return nil }
            #expect(!cells[4].isEmpty)
            let labels = cells[3].matches(of: /`([a-z_]+)`/).map { String($0.1) }
            return Family(
                name: cells[1].trimmingCharacters(in: ["`"]),
                type: cells[2],
                labels: Set(labels)
            )
        }
        let shown = Self.families(ofPage: try Self.exposition())
        #expect(Set(rows).count == rows.count, "a row is there twice")
        #expect(Set(rows).subtracting(shown) == [], "documented, and not shown so")
        #expect(shown.subtracting(rows) == [], "shown, and not documented so")
    }

    @Test func `promtool finds nothing wrong with them`() throws {
        let (status, text) = try Checkout.run(Checkout.promtool, ["check", "metrics"], input: Self.exposition())
        #expect(status == 0 && text.isEmpty, "\(text)")
    }

    @Test func `no label says what was asked for, by whom or of which scope`() throws {
        let text = try Self.exposition()
        for name in ["KEY", "company", "elsewhere", "spiffe", "default", "tests"] {
            #expect(!text.contains(name), "\(name)")
        }
    }

    @Test func `they count what happened`() throws {
        let text = try Self.exposition()
        for line in [
            "tacit_requests_total{method=\"get\",outcome=\"fresh\"} 1",
            "tacit_requests_total{method=\"get\",outcome=\"hit\"} 1",
            "tacit_requests_total{method=\"get\",outcome=\"denied\"} 1",
            "tacit_request_duration_seconds_count{method=\"get\"} 3", "tacit_cache_hits_total 1",
            "tacit_cache_misses_total 1", "tacit_denials_total{reason=\"namespace_not_allowed\"} 1",
            "tacit_backend_calls_total{type=\"counted\"} 1",
            "tacit_backend_call_duration_seconds_count{type=\"counted\"} 1",
            "tacit_backend_breakers{type=\"counted\",state=\"closed\"} 1", "tacit_up 1",
            "tacit_part_up{part=\"arena\"} 1",
        ] { #expect(text.contains("\n\(line)\n"), "\(line)") }
    }
}

@Suite("Monitoring files")
struct MonitoringTests {
    private static let alerts = "deploy/monitoring/alerts.yaml"
    private static let alertTests = "deploy/monitoring/alerts-test.yaml"
    private static let dashboard = "deploy/monitoring/dashboard.json"

    private func promtool(_ arguments: String...) throws {
        let (status, text) = try Checkout.run(Checkout.promtool, arguments)
        #expect(status == 0, "\(text)")
    }

    @Test func `the alerts can be read, and fire when they should and not before`() throws {
        try promtool("check", "rules", Checkout.path(Self.alerts))
        try promtool("test", "rules", Checkout.path(Self.alertTests))
    }

    @Test func `each alert has a test`() throws {
        let names = try Checkout.text(Self.alerts).matches(of: /alert: (\w+)/).map { String($0.1) }
        let tested = try Checkout.text(Self.alertTests).matches(of: /alertname: (\w+)$/.anchorsMatchLineEndings())
        #expect(Set(names) == Set(tested.map { String($0.1) }))
        #expect(!names.isEmpty)
    }

    @Test("each metric that is asked for exists", arguments: [alerts, alertTests, dashboard])
    func names(file: String) throws {
        let known = Set(
            try Checkout.text("docs/metrics.md").matches(of: /\| `(tacit_\w+)` \| (\w+)/).flatMap { match in
                let name = String(match.1)
                return match.2 == "histogram" ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
            }
        )
        let used = Set(try Checkout.text(file).matches(of: /\btacit_\w+/).map { String($0.0) })
        #expect(used.subtracting(known) == [])
        #expect(used.count > 20)
    }

    /// As the expressions of rules, which promtool reads; JSON is YAML.
    private func checkQuestions(_ questions: [String]) throws {
        let rules = questions.enumerated().map { index, question in
            let filled = question.replacingOccurrences(of: "$__rate_interval", with: "5m")
                .replacingOccurrences(of: "$instance", with: ".*")
            return ["record": "question:\(index)", "expr": filled]
        }
        let workspace = try Workspace()
        let groups = ["groups": [["name": "questions", "rules": rules]]]
        let data = try JSONSerialization.data(withJSONObject: groups, options: .withoutEscapingSlashes)
        try workspace.write(String(decoding: data, as: UTF8.self), to: "questions.yaml")
        try promtool("check", "rules", workspace.path("questions.yaml"))
    }

    @Test func `the dashboard is JSON whose panels have titles, questions and places of their own`() throws {
        let data = Data(try Checkout.text(Self.dashboard).utf8)
        let dashboard = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        let questions = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap { $0["expr"] as? String }
        try checkQuestions(questions)
        var places: Set<[Int]> = []
        for panel in panels where panel["type"] as? String != "row" {
            #expect((panel["title"] as? String)?.isEmpty == false)
            #expect((panel["targets"] as? [[String: Any]])?.isEmpty == false)
            let place = try #require(panel["gridPos"] as? [String: Int])
            for x in (place["x"] ?? 0)..<(place["x"] ?? 0) + (place["w"] ?? 0) {
                for y in (place["y"] ?? 0)..<(place["y"] ?? 0) + (place["h"] ?? 0) {
                    #expect(x < 24 && places.insert([x, y]).inserted, "\(panel["title"] ?? "") lies over another")
                }
            }
        }
    }
}
