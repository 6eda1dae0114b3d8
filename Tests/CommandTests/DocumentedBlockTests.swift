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
