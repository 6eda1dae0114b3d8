import Configuration
import Foundation
import Testing

@testable import Configuration

@Suite("The documentation")
struct DocumentationTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/configuration.md")

    private static func blocks() throws -> [String] {
        try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```yaml\n").dropFirst()
            .map { $0.components(separatedBy: "```")[0] }
    }

    /// Those of the managers that the examples use.
    private static let catalogue: SectionCatalogue = ["env": [:], "sqlite": ["path": .text, "secret": .secret]]

    @Test func `every example of the page loads`() throws {
        let blocks = try Self.blocks()
        #expect(blocks.count >= 3)
        for block in blocks {
            let loaded = try Configuration.parse(
                [ConfigurationSource(name: "page.yml", text: block)],
                environment: ["TACIT_STORE_SECRET": "s", "NODE_NAME": "n"] as FixedEnvironment,
                catalogue: Self.catalogue
            )
            #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
        }
    }

    @Test func `every key and its default is on the page`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        func check(_ schema: SectionSchema, _ path: String) {
            for (name, kind) in schema.keys where !testCatalogue.types.contains(name) {
                let here = path.isEmpty ? name : "\(path).\(name)"
                switch kind {
                case .nested(let inner): check(inner, here)
                case .sequence(let inner):
                    #expect(text.contains("`\(here)`"), "\(here)")
                    if name != "denials", name != "scopes" { check(inner, "\(here)[]") }
                default: #expect(text.contains("| `\(here)` |"), "\(here)")
                }
            }
        }
        check(RootSchema.make(testCatalogue), "")
    }

    @Test func `the defaults on the page are those in force`() throws {
        let defaults = try load("", environment: ["NODE_NAME": "n"]).effectiveText()
        let lines = try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n")
        var checked = 0
        for line in lines where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let key = cells[0].split(separator: ".").last.map { $0.replacingOccurrences(of: "`", with: "") } ?? ""
            guard cells.count >= 2, cells[1].hasPrefix("`"), !cells[0].contains("[]") else { continue }
            let value = cells[1].replacingOccurrences(of: "`", with: "")
            #expect(
                defaults.contains("\(key): \(value)\n") || defaults.contains("\(key): \"\(value)\"\n"),
                "\(cells[0]) \(value)"
            )
            checked += 1
        }
        #expect(checked > 30)
    }
}
