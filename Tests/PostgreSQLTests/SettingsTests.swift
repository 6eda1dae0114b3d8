import Databases
import PostgreSQL
import Testing

@Suite("A database's URL")
struct SettingsTests {
    private func settings(_ url: String, insecure: Bool = false) throws(DatabaseError) -> PostgreSQLSettings {
        try PostgreSQLSettings(url: url, user: "agent", password: nil, allowsInsecureTransport: insecure)
    }

    @Test("names hosts with their ports, a database, and is strict about TLS by itself")
    func hosts() throws {
        let found = try settings("jdbc:postgresql://db1,db2:5433,[2001:db8::1]:5434/kestra")
        #expect(
            found.hosts == [
                .init(name: "db1", port: 5432), .init(name: "db2", port: 5433), .init(name: "2001:db8::1", port: 5434),
            ]
        )
        #expect(found.database == "kestra")
        #expect(found.protection == .verifyFull)
        #expect(found.role == .primary)
    }

    @Test("works without jdbc: and with a Unix socket's folder for a host")
    func socket() throws {
        let found = try settings("postgresql://%2Frun%2Fpostgresql/kestra?sslmode=disable")
        #expect(found.hosts == [.init(name: "/run/postgresql", port: 5432)])
        #expect(found.hosts[0].isUnixSocket)
    }

    @Test("has the parameters of Kestra's data sources")
    func parameters() throws {
        let found = try settings(
            """
            jdbc:postgresql://db/kestra?sslmode=verify-full&sslrootcert=/a&sslcert=/b&sslkey=/c&currentSchema=agent\
            &ApplicationName=node%201&connectTimeout=7&socketTimeout=9&targetServerType=any
            """
        )
        #expect(found.authorityFile == "/a")
        #expect(found.certificateFile == "/b")
        #expect(found.keyFile == "/c")
        #expect(found.schema == DatabaseIdentifier("agent"))
        #expect(found.applicationName == "node 1")
        #expect(found.connectTimeout == .seconds(7))
        #expect(found.statementTimeout == .seconds(9))
        #expect(found.role == .any)
    }

    @Test(
        "is refused with the reason",
        arguments: [
            ("jdbc:mysql://db/kestra", "jdbc:postgresql://"),
            ("jdbc:postgresql://db", "names no database"),
            ("jdbc:postgresql://db/", "names no database"),
            ("jdbc:postgresql:///kestra", "without a usable name"),
            ("jdbc:postgresql://db,,db2/kestra", "without a usable name"),
            ("jdbc:postgresql://a%2Cb/kestra", "without a usable name"),
            ("jdbc:postgresql://db:0/kestra", "port"),
            ("jdbc:postgresql://db:+5/kestra", "port"),
            ("jdbc:postgresql://db:65536/kestra", "port"),
            ("jdbc:postgresql://::1/kestra", "brackets"),
            ("jdbc:postgresql://[::1/kestra", "\"]\""),
            ("jdbc:postgresql://user:pw@db/kestra", "login"),
            ("jdbc:postgresql://db/kestra?password=pw", "password"),
            ("jdbc:postgresql://db/kestra?user=u", "user"),
            ("jdbc:postgresql://db/kestra?sslfactory=x", "sslfactory"),
            ("jdbc:postgresql://db/kestra?sslmode", "without a value"),
            ("jdbc:postgresql://db/kestra?sslmode=require&sslmode=require", "twice"),
            ("jdbc:postgresql://db/kestra?sslmode=prefer", "clear text"),
            ("jdbc:postgresql://db/kestra?sslmode=require", "verify-full"),
            ("jdbc:postgresql://db/kestra?sslmode=disable", "this machine only"),
            ("jdbc:postgresql://localhost,db/kestra?sslmode=disable", "db:5432"),
            ("jdbc:postgresql://127.0.0.1.example.org/kestra?sslmode=disable", "this machine only"),
            ("jdbc:postgresql://db/kestra?sslcert=/a", "both"),
            ("jdbc:postgresql://db/kestra?sslrootcert=a", "whole path"),
            ("jdbc:postgresql://db/kestra?currentSchema=a,b", "currentSchema"),
            ("jdbc:postgresql://db/kestra?currentSchema=A", "currentSchema"),
            ("jdbc:postgresql://db/kestra?connectTimeout=0", "connectTimeout"),
            ("jdbc:postgresql://db/kestra?targetServerType=best", "targetServerType"),
            ("jdbc:postgresql://db/%zz", "hexadecimal"),
            ("jdbc:postgresql://db/%00", "no text"),
        ]
    )
    func refusals(url: String, reason: String) throws {
        let error = #expect(throws: DatabaseError.self) { try settings(url) }
        #expect(error?.kind == .settings)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("pw") == false)
    }

    @Test("may ask for less than a proven server only where that is allowed, and never for a fall back to clear text")
    func insecure() throws {
        #expect(try settings("jdbc:postgresql://db/k?sslmode=require", insecure: true).protection == .encryptOnly)
        #expect(try settings("jdbc:postgresql://db/k?sslmode=verify-ca", insecure: true).protection == .verifyAuthority)
        #expect(throws: DatabaseError.self) { try settings("jdbc:postgresql://db/k?sslmode=prefer", insecure: true) }
        #expect(throws: DatabaseError.self) { try settings("jdbc:postgresql://db/k?sslmode=disable", insecure: true) }
    }
}
