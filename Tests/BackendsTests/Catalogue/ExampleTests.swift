import Configuration
import Foundation
import SecretMemory
import Testing

@testable import Backends

/// The files in docs/examples, and the pages that name them.
@Suite("Examples")
struct ExampleTests {
    private static let docs = URL(fileURLWithPath: #filePath).appending(path: "../../../../docs").standardizedFileURL

    private static func examples() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: docs.appending(path: "examples").path)
            .filter { $0.hasSuffix(".yaml") }.sorted()
    }

    /// Values for the placeholders that stand in examples.
    private let environment: FixedEnvironment = ["NODE_NAME": "node-1"]

    @Test("there are some") func some() throws { #expect(try Self.examples().count >= 1) }

    @Test("an example loads and passes the check without a warning", arguments: try examples())
    func loads(file: String) throws {
        let text = try String(contentsOf: Self.docs.appending(path: "examples/\(file)"), encoding: .utf8)
        let loaded = try Configuration.parse(
            [ConfigurationSource(name: file, text: SharedSecret(try SecretBytes(copying: text.utf8Span.span)))],
            environment: environment,
            catalogue: Catalogue.managers
        )
        #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
        let type = loaded.settings.kestra.secret.type
        #expect("\(type).yaml" == file, "a file is named after the manager that it shows")
        for secret in [loaded.settings.kestra.secret] + loaded.settings.scopes.map(\.secret) {
            do throws(CatalogueError) {
                #expect(try Catalogue.read(secret).warnings == [])
            } catch {
                // Files that an example names are not there.
                guard case .configuration(let error) = error,
                    error.problems.allSatisfy({ $0.description.contains("No such file") })
                else { throw error }
            }
        }
    }

    @Test("the manager's page leads to its example", arguments: try examples())
    func isLinked(file: String) throws {
        let page = Self.docs.appending(path: "backends/\(file.dropLast("yaml".count))md")
        #expect(try String(contentsOf: page, encoding: .utf8).contains("(../examples/\(file))"))
    }
}
