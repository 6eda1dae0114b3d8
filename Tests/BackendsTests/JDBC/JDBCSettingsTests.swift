import Configuration
import DatabaseServers
import Foundation
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Where a store in a database is")
struct JDBCSettingsTests {
    private static let login = "username: agent\npassword: made-up"

    private func refusal(_ section: String) throws -> String {
        let text = "secret: \(StoreSecret.first)\n\(section)"
        let settings = try ConfiguredBackend(type: "jdbc", section: text).settings()
        do throws(CatalogueError) {
            _ = try Catalogue.read(settings)
            return ""
        } catch {
            return error.description
        }
    }

    @Test(
        "URLs of all kinds are understood",
        arguments: [
            "url: jdbc:postgresql://db1,db2:5433/kestra\n\(login)", "url: postgresql://db/kestra\n\(login)",
            "url: jdbc:mysql://db1,db2:3307/kestra\n\(login)", "url: mariadb://db/kestra\n\(login)",
            "url: jdbc:sqlite:/var/lib/tacit/store.db", "url: sqlite:///var/lib/tacit/store.db",
            "url: jdbc:postgresql://db/kestra\nssl-root-cert: /etc/a%20b.pem\nschema: tacit\ntable: values\n\(login)",
            "url: jdbc:mysql://db/kestra\nssl-mode: disable\nallow-insecure-transport: true\n\(login)",
        ]
    )
    func good(section: String) throws { #expect(try refusal(section) == "") }

    @Test(
        "what is wrong is said, with what to do",
        arguments: [
            ("url: jdbc:h2:mem:public\n\(login)", "jdbc:sqlite:"), (login, "url: is missing"),
            ("url: jdbc:oracle:thin\n\(login)", "is none of"), ("url: jdbc:sqlite:store.db", "whole path"),
            ("url: jdbc:sqlite:/a.db\nusername: a", "not for a file"),
            ("url: jdbc:sqlite:/a.db\npassword: abc", "not for a file"),
            ("url: jdbc:postgresql://db/kestra", "username"),
            ("url: jdbc:postgresql://db/kestra?sslmode=require\n\(login)", "verify-full"),
            ("url: jdbc:mysql://db/kestra?sslMode=require\n\(login)", "verify-full"),
            ("url: jdbc:mysql://db/kestra\nssl-mode: disable\n\(login)", "localhost"),
            ("url: jdbc:postgresql://db/kestra\nschema: Tacit\n\(login)", "small letters"),
            ("url: jdbc:postgresql://db/kestra\ntable: a-b\n\(login)", "small letters"),
            ("url: jdbc:postgresql://db/kestra\ntable: \(String(repeating: "a", count: 60))\n\(login)", "too long"),
            ("url: jdbc:postgresql://db/kestra\nssl-cert: /a\n\(login)", "both"),
            ("url: jdbc:postgresql://db/kestra\npool-size: 65\n\(login)", "between 1 and 64"),
            ("url: jdbc:postgresql://a:b@db/kestra\n\(login)", "login"),
        ]
    )
    func bad(section: String, words: String) throws {
        let text = try refusal(section)
        #expect(text.contains(words), "\(text)")
        #expect(!text.contains("made-up"))
    }

    // MARK: Kestra's own connection

    private func load(_ yaml: String) throws -> LoadedConfiguration {
        let text = SharedSecret(try SecretBytes(copying: yaml.utf8Span.span))
        return try Configuration.parse(
            [ConfigurationSource(name: "kestra.yml", text: text)],
            environment: ["PASSWORD": "from-a-variable"] as FixedEnvironment,
            catalogue: Catalogue.managers
        )
    }

    private func settings(_ yaml: String) throws -> SecretSettings { try load(yaml).settings.kestra.secret }

    /// Where the section leads.
    private func place(_ secret: SecretSettings) throws -> String {
        let problems = ConfigurationProblems()
        let reader = secret.sectionReader(problems: problems)
        let kestra = secret.foreignReader(problems: problems)
        let database = JDBCSection(reader, kestra: kestra, isReadOnly: false).read()
        try problems.throwIfAny()
        return try #require(database).place
    }

    @Test("is taken from the data source where the documented section stands alone")
    func datasource() throws {
        let loaded = try load(
            """
            datasources:
              unused: {driverClassName: "${NOWHERE}"}
              postgres:
                url: jdbc:postgresql://db:5432/kestra
                driverClassName: org.postgresql.Driver
                username: kestra
                password: ${PASSWORD}
            kestra:
              secret:
                type: jdbc
                jdbc:
                  secret: \(StoreSecret.first)
            tacit:
              scopes:
                - tenant: second
                  secret: {type: jdbc, jdbc: {secret: \(StoreSecret.second), table: second}}
            """
        )
        let secret = loaded.settings.kestra.secret
        #expect(try place(secret) == "the table agent.secret in kestra at db:5432")
        #expect(
            try place(try #require(loaded.settings.scopes.first).secret)
                == "the table agent.second in kestra at db:5432"
        )
        let reader = try #require(secret.foreignReader(problems: ConfigurationProblems()))
        #expect(reader.string("username") == "kestra")
        let holdsPassword = reader.optionalSecret("password")?.value.count == "from-a-variable".utf8.count
        #expect(holdsPassword)
        _ = try Catalogue.read(secret)
        #expect(loaded.secretVariables == ["PASSWORD"])
        #expect(
            loaded.notes.contains { $0.keyPath == "datasources.postgres" && $0.message.contains("kestra.secret.jdbc") }
        )
        #expect(!loaded.notes.contains { $0.keyPath == "datasources" })
        let effective = loaded.effectiveText()
        #expect(effective.contains("datasources:\n  postgres:\n    url: jdbc:postgresql://db:5432/kestra"))
        #expect(!effective.contains("from-a-variable"))
    }

    @Test("is not asked for where the section has a URL, and several are refused")
    func datasources() throws {
        let two = """
            datasources:
              postgres: {url: jdbc:postgresql://db/kestra, username: kestra}
              other: {url: jdbc:mysql://db/kestra, username: kestra}
            kestra:
              secret: {type: jdbc, jdbc: {secret: \(StoreSecret.first)
            """
        let own = try settings(two + ", url: jdbc:sqlite:/a.db}}")
        #expect(try place(own) == "/a.db")
        #expect(own.foreign == nil)
        let error = #expect(throws: ConfigurationError.self) { try settings(two + "}}") }
        #expect(
            error?.description.contains("there are 2 of them; write the one that is meant as kestra.secret.jdbc.url")
                == true
        )
        _ = try Catalogue.read(own)
    }

    // MARK: Tables made by hand

    @Test(
        "tables that were made as the documentation says are used by a user who may make none",
        arguments: JDBCKind.servers
    )
    func handMade(kind: JDBCKind) async throws {
        let scene = try JDBCScene(own: kind)
        let more = ["username: tacit_agent", "password: \(PostgreSQLServer.password)"]
        let user =
            kind == .postgreSQL
            ? "CREATE ROLE tacit_agent LOGIN PASSWORD '\(PostgreSQLServer.password)'"
            : """
            CREATE USER 'tacit_agent'@'%' IDENTIFIED BY '\(PostgreSQLServer.password)'; \
            GRANT SELECT ON tacit.nothing TO 'tacit_agent'@'%'
            """
        if kind == .mariaDB { try scene.sql("CREATE TABLE nothing (a INT)") }
        try scene.sql(user)
        let before = try scene.backend(more: more)
        let error = await backendError { () throws(BackendError) in try await before.connect() }
        #expect(error?.kind == "denied", "\(String(describing: error))")
        await before.close()
        let statements = try Self.documented(kind == .postgreSQL ? "PostgreSQL" : "MariaDB")
        try scene.server?.sql(statements)
        let backend = try scene.backend(more: more)
        #expect(try await backend.write(name("KEY"), [1]) == "1")
        #expect(try await backend.read(name("KEY")) == [1])
        #expect(try await backend.delete(name("KEY")))
        await backend.close()
    }

    /// The statements in the manager's page, below a heading.
    private static func documented(_ heading: String) throws -> String {
        let page = URL(fileURLWithPath: #filePath).appending(path: "../../../../docs/backends/jdbc.md")
            .standardizedFileURL
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.range(of: "### \(heading)\n")).upperBound
        let start = try #require(text.range(of: "```sql\n", range: section..<text.endIndex)).upperBound
        let end = try #require(text.range(of: "```", range: start..<text.endIndex)).lowerBound
        return String(text[start..<end])
    }
}
