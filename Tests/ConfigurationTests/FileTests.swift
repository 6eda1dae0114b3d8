import Configuration
import Foundation
import SecretMemory
import Testing

@Suite("Files")
struct FileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("configuration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func file(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let path = folder.appendingPathComponent(name).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private func load(_ files: String...) throws(ConfigurationError) -> LoadedConfiguration {
        try Configuration.load(files: files, environment: FixedEnvironment([:]), catalogue: testCatalogue)
    }

    @Test func `files are merged in order`() throws {
        let loaded = try load(file("a.yml", "tacit: {node: a, log: {level: debug}}"), file("b.yml", "tacit: {node: b}"))
        #expect(loaded.settings.node == "b")
        #expect(loaded.settings.log.level == .debug)
        #expect(loaded.files.map { ($0 as NSString).lastPathComponent } == ["a.yml", "b.yml"])
    }

    @Test func `every file that cannot be read is named with the reason`() throws {
        let missing = folder.appendingPathComponent("missing.yml").path
        let error = #expect(throws: ConfigurationError.self) { try load(missing, folder.path) }
        #expect(
            error?.description == """
                \(missing): cannot be read (open: No such file or directory)
                \(folder.path): cannot be read (read: Is a directory)
                """
        )
        let large = try file("large.yml", "#" + String(repeating: "x", count: 1 << 20))
        let tooLarge = #expect(throws: ConfigurationError.self) { try load(large) }
        #expect(tooLarge?.description == "\(large): is larger than 1048576 bytes")
    }

    @Test func `too many files are refused`() throws {
        let one = try file("a.yml", "")
        let many = Array(repeating: one, count: 33)
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(files: many, environment: FixedEnvironment([:]), catalogue: testCatalogue)
        }
        #expect(error?.description == "\(one): is one file too many; at most 32")
    }

    @Test func `a secret may stand in a file of its own, without its last line break`() throws {
        let token = try file("token", "t-value\r\n")
        let loaded = try load(
            file("a.yml", "kestra: {secret: {type: vault, vault: {token: {tokenFile: \(token)}}}}")
        )
        #expect(loaded.warnings.isEmpty)
        let section = loaded.settings.kestra.secret.sectionReader(problems: ConfigurationProblems())
        let isToken = holds(section.nested("token").secret("token"), "t-value")
        #expect(isToken)
        #expect(loaded.effectiveText().contains("token-file: \(token)"))
    }

    @Test func `a secret's file that is missing, empty, or beside the secret is reported`() throws {
        let empty = try file("empty", "\n")
        func said(_ keys: String) throws -> String? {
            let path = try file("a.yml", "kestra: {encryption: {\(keys)}}")
            let error = #expect(throws: ConfigurationError.self) { try load(path) }
            return error?.problems.first?.message
        }
        #expect(try said("secret-key-file: \(empty)") == "must not be empty")
        #expect(try said("secret-key-file: /nowhere/x") == "cannot be read (open: No such file or directory)")
        #expect(
            try said("secret-key: a, secret-key-file: \(empty)")
                == "is there beside secret-key; only one of them may be"
        )
    }

    @Test func `a file with secrets that everybody may read is warned of`() throws {
        let text = "kestra: {encryption: {secret-key: k}}"
        let open = try load(file("open.yml", text, mode: 0o644))
        #expect(open.warnings.contains { $0.message == "holds secrets and can be read by every user of this machine" })
        let closed = try load(file("closed.yml", text, mode: 0o600))
        #expect(closed.warnings.map(\.keyPath) == ["kestra.encryption.secret-key"])
        #expect(try load(file("harmless.yml", "tacit: {}", mode: 0o644)).warnings.isEmpty)
    }

    @Test func `deleting takes regular files and leaves links and folders, saying so`() throws {
        let regular = try file("a.yml", "")
        let target = try file("b.yml", "")
        let link = folder.appendingPathComponent("link.yml").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        let missing = folder.appendingPathComponent("missing.yml").path
        let left = ConfigurationFiles.delete([regular, link, folder.path, missing])
        #expect(
            left.map(\.description) == [
                "\(link): was not deleted: it is a link", "\(folder.path): was not deleted: it is no regular file",
                "\(missing): was not deleted: No such file or directory",
            ]
        )
        #expect(!FileManager.default.fileExists(atPath: regular))
        #expect(FileManager.default.fileExists(atPath: target))
    }

    private static let store = SectionCatalogue(
        [("env", [:]), ("store", ["secret": .secret])],
        foreign: [
            "store": ForeignSection(
                "datasources.postgres",
                schema: ["url": .text, "pool": .nested(["password": .secret])]
            )
        ]
    )

    private func load(_ type: String, _ environment: FixedEnvironment) throws -> LoadedConfiguration {
        let text = """
            datasources:
              postgres:
                url: jdbc:postgresql://${HOST}/k
                other: ${NOWHERE}
                pool: {password: "${PASSWORD}", size: "${NOWHERE}"}
            kestra:
              secret: {type: \(type)}
            """
        let source = try ConfigurationSource(name: "a.yml", text: text)
        return try Configuration.parse([source], environment: environment, catalogue: Self.store)
    }

    @Test func `a manager reads the keys of Kestra's own sections that it knows, with their placeholders replaced`()
        throws
    {
        let loaded = try load("store", ["HOST": "db", "PASSWORD": "p-value"])
        #expect(loaded.secretVariables == ["PASSWORD"])
        let reader = try #require(loaded.settings.kestra.secret.foreignReader(problems: ConfigurationProblems()))
        #expect(reader.string("url") == "jdbc:postgresql://db/k")
        let isPassword = holds(reader.nested("pool").secret("password"), "p-value")
        #expect(isPassword)
        #expect(!reader.has("other"))
        #expect(throws: ConfigurationError.self) { try load("store", ["HOST": "db"]) }
    }

    @Test func `another program's section is not looked at where no manager reads it`() throws {
        let loaded = try load("env", [:])
        #expect(loaded.settings.kestra.secret.foreign == nil)
        #expect(loaded.notes.contains { $0.keyPath == "datasources" })
    }
}
