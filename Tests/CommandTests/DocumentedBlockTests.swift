import Foundation
import Testing

/// The blocks of Kestra's own documentation, as they stand there, placeholders included.
@Suite("A configuration block of Kestra's documentation") struct DocumentedBlockTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Documented")

    private static let blocks = (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []

    @Test("is accepted by tacit check", arguments: blocks)
    func accepted(block: String) throws {
        let file = Self.folder.appendingPathComponent(block).path
        let workspace = try Workspace()
        let outcome = try Invocation(["check", "-c", file], folder: workspace.folder.path).finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
        for word in ["mysupersecret", "YOUR_TOKEN", "YOUR_PASSWORD", "YOUR_API_KEY", "your-secret-token"] {
            #expect(!outcome.text.contains(word) && !outcome.errors.contains(word))
        }
    }

    /// With `x` at the end of the first key of the manager's section.
    private static let misspelt = blocks.compactMap { block -> (block: String, text: String, key: String)? in
        guard let text = try? String(contentsOf: folder.appendingPathComponent(block), encoding: .utf8),
            // Not of a block that stands for any manager, whose section is nobody's.
            let match = text.firstMatch(of: #/\n    [a-z0-9-]+:\n      (?<key>[A-Za-z-]+):/#)
        else { return nil }
        let key = String(match.key)
        return (block, text.replacing("\n      \(key):", with: "\n      \(key)x:", maxReplacements: 1), key)
    }

    @Test("that is misspelt is refused with the wrong key and the right one", arguments: misspelt)
    func refused(block: String, text: String, key: String) throws {
        let workspace = try Workspace()
        let file = try workspace.write(text, to: block)
        let outcome = try Invocation(["check", "-c", file], folder: workspace.folder.path).finish()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(".\(key)x"), "\(outcome.errors)")
        #expect(outcome.errors.contains("did you mean"), "\(outcome.errors)")
    }

    /// Their documented blocks have a sample for a secret, and leave the connection to sections that Kestra has for itself.
    private static let sealed = [
        (
            "jdbc", "your-secret-key",
            "datasources: {postgres: {url: 'jdbc:postgresql://localhost:5432/kestra', username: kestra, password: k3str4}}"
        ),
        (
            "elasticsearch", "a-secure-32-character-minimum-key",
            "  elasticsearch: {client: {http-hosts: 'https://localhost:9200'}}"
        ),
    ]

    @Test(
        "with a sample for a secret is refused, and accepted with a secret and Kestra's own connection",
        arguments: sealed
    )
    func sealing(type: String, sample: String, connection: String) throws {
        let workspace = try Workspace()
        func check(_ secret: String) throws -> Outcome {
            let text = """
                kestra:
                  secret:
                    type: \(type)
                    \(type):
                      secret: "\(secret)"
                \(connection)

                """
            let file = try workspace.write(text, to: "\(type).yaml")
            return try Invocation(["check", "-c", file], folder: workspace.folder.path).finish()
        }
        let refused = try check(sample)
        #expect(refused.status == 2)
        #expect(refused.errors.contains("kestra.secret.\(type).secret"), "\(refused.errors)")
        let accepted = try check("made-up-for-tests-0123456789-abcdefghij")
        #expect(accepted.status == 0, "\(accepted.errors)")
        #expect(!accepted.text.contains("k3str4") && !accepted.errors.contains("k3str4"))
    }

    @Test("is there for each manager that has one, and none is missing")
    func complete() {
        #expect(Self.blocks.count == 26)
        for manager in [
            "aws-secret-manager", "azure-key-vault", "google-secret-manager", "vault", "doppler", "1password",
            "delinea", "beyondtrust", "cyberark",
        ] {
            #expect(Self.blocks.contains { $0.contains(manager) })
        }
    }
}
