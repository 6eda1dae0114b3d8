import DatabaseServers
import Foundation
import TacitClient
import Testing

/// The same promise where values stand sealed in a database: neither a value, nor the secret that seals them, nor the database's
/// password is anywhere outside of the arena once no connection needs it, although a client library sends and receives what is made of them.
@Suite("Memory search: databases", .serialized)
struct DatabaseMemoryTests {
    private static let place = "company.database"
    private static let lifetime = Duration.seconds(3)

    @Test(
        "values, the store's secret and the password lie in secret memory only",
        arguments: DatabaseServerKind.allCases,
        Programs.agents
    )
    func ordinary(kind: DatabaseServerKind, program: String) async throws {
        let server = try kind.start()
        let workspace = try Workspace()
        let (password, secret, previous) = (Canary("password"), Canary("store secret"), Canary("previous secret"))
        try server.set(password)
        let section = """
            {type: jdbc, jdbc: {url: '\(server.url())', username: \(type(of: server).user), pool-size: 1, \
            password-file: '\(try password.file(in: workspace))', secret-file: '\(try secret.file(in: workspace))', \
            previous-secrets: ['\(previous.text)']}, \
            cache: {expire-after-write: \(Self.lifetime.components.seconds)s}}
            """
        try workspace.write("agent.yaml", workspace.configuration(scopes: [], kestra: ["secret: \(section)"]))
        let configured = [password, secret, previous]
        let agent = try AgentProcess(program, in: workspace, workspace.variables, .ordinary)
        let values = Canary.many(4, "value")
        let deleted = Canary("deleted value")
        let all = Needles(configured + values + [deleted])
        let connected = kind.keepsPassword ? Needles([secret, previous, deleted] + values) : all
        try expectNothingOutside(agent, connected, "at the start")

        var writer = try TacitClient(workspace.options("operator", unix: true))
        var reader = try TacitClient(workspace.options("worker", unix: true))
        for (index, value) in values.enumerated() { try writer.write("KEY_\(index)", Self.place, value.bytes) }
        try writer.write("LARGE", Self.place, Array(repeating: values[0].bytes, count: 600).flatMap { $0 })
        try writer.write("DELETED", Self.place, deleted.bytes)
        try writer.delete("DELETED", in: Self.place)
        _ = try reader.listAll(ListQuery(in: Self.place))
        // Connections that are lost, and logins anew.
        try server.restart()
        try untilRead(&reader, values[0])
        for (index, value) in values.enumerated() { try reader.read("KEY_\(index)", Self.place, value.bytes) }
        let begun = ContinuousClock.now
        try expectNothingOutside(agent, connected, "while values are held")
        if program == Programs.agent {
            let inside = try InsideSearch(socket: workspace.path("probe.sock"), Needles(values, forms: [.raw]))
            for value in values { #expect(inside.count(value, isFull: true) > 0, "\(value.name) is held") }
        }

        try await Task.sleep(until: begun + Self.lifetime + .seconds(1))
        if program == Programs.agent {
            let forms = Needles(configured, forms: Form.allCases.filter { $0 != .raw }, besides: configured)
            for needles in [Needles(values + [deleted]), forms] {
                let inside = try InsideSearch(socket: workspace.path("probe.sock"), needles)
                #expect(inside.found() == [], "after the values' time")
            }
        }
        try expectNothingOutside(agent, connected, "after the values' time")
        for value in values + [deleted, secret] { #expect(try server.files(holding: value.text) == []) }
        // Whoever asks finds the connection lost, and gives it up.
        try server.stop()
        try Expected.refusal { try reader.read("KEY_0", Self.place, values[0].bytes) }
        try expectNothingOutside(agent, all, "without a connection")
        #expect(agent.end(with: SIGTERM) == AgentProcess.End(signal: nil, status: 0, hasDumpedCore: false))
        #expect(try Findings.files(workspace.writtenFiles, all).isEmpty)
    }

    private func expectNothingOutside(_ agent: AgentProcess, _ needles: Needles, _ when: String) throws {
        let found = try Findings.process(agent.pid, needles)
        #expect(found.unreadable.allSatisfy { $0.contains("secretmem") }, "\(found.unreadable)")
        #expect(found.searchedBytes > 1 << 20)
        #expect(found.isEmpty, "\(when): \(found)")
    }

    private func untilRead(_ client: inout TacitClient, _ value: Canary) throws {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            do { return try client.read("KEY_0", Self.place, value.bytes) } catch ClientError.refused {
                usleep(100_000)
            }
        }
        throw Programs.Failure("the agent did not connect again")
    }
}

extension DatabaseServer {
    /// Gives the agent's user another password.
    fileprivate func set(_ password: Canary) throws {
        if self is PostgreSQLServer {
            try sql("ALTER ROLE \(Self.user) PASSWORD '\(password.text)'")
        } else {
            let text = password.text.replacing("\\", with: "\\\\")
            try sql("ALTER USER '\(Self.user)'@'%' IDENTIFIED BY '\(text)'")
        }
    }
}

extension DatabaseServerKind {
    /// Whether the client library keeps the password for as long as it is connected: libpq does, in what it proves itself
    /// with.
    fileprivate var keepsPassword: Bool { self == .postgreSQL }
}
