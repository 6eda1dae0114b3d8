import Foundation
import Testing
import Wire

@testable import TLS
@testable import TacitClient

@Suite("Two agents that want the same", .onItsOwnThread)
struct TwoAgentsTests {
    private func serves(_ agent: Program) throws -> Bool {
        var caller = try agent.caller()
        return try caller.get(Program.key).value() == Program.value
    }

    @Test func `a socket that is served is left to who serves it`() throws {
        let first = try Program()
        let address = "unix://\(first.workspace.path("agent.sock"))"
        let second = try Program(managed: { _ in nil }, waits: false) { configuration, _ in
            configuration.listeners = "[{address: '\(address)'}]"
        }
        #expect(try second.awaitEnd() == 3)
        #expect(second.log.contains("another process serves \(address)"))
        #expect(try serves(first))
        #expect(try first.end() == 0)
    }

    @Test func `an audit file that is written by another agent is refused, and taken over when that one was killed`()
        throws
    {
        let first = try Program()
        let audit = first.configuration.audit
        #expect(try serves(first))
        // The lock outlives a reload that opens the file anew.
        try first.reload()
        let second = try Program(managed: { _ in nil }, waits: false) { configuration, _ in
            configuration.audit = audit
        }
        #expect(try second.awaitEnd() == 3)
        #expect(second.log.contains("another process writes the audit file \(audit)"))
        #expect(try serves(first))
        kill(first.pid, SIGKILL)
        #expect(try first.awaitEnd() == nil)
        try second.restart()
        #expect(try serves(second))
        #expect(try second.end() == 0)
        #expect(first.trail.records.count >= 3)
        #expect(try first.trail.fault() == nil)
    }

    @Test func `two agents may have one store: each reads what the other wrote, also after that one was killed`() throws
    {
        let first = try Self.withStore(nil)
        let second = try Self.withStore(first.workspace.path("store.db"))
        for (number, (writer, reader)) in [(first, second), (second, first)].enumerated() {
            var client = try Self.client(writer)
            try client.put("K", in: "company.team", value: "value \(number)".utf8Span.span)
            var other = try Self.client(reader)
            #expect(Answer(&other, "K", "company.team") == .value("value \(number)", .fresh, ageSeconds: 0))
        }
        kill(first.pid, SIGKILL)
        #expect(try first.awaitEnd() == nil)
        var client = try Self.client(second)
        #expect(Answer(&client, "K", "company.team") == .value("value 1", .fresh, ageSeconds: 0))
        try client.put("K", in: "company.team", value: "value 2".utf8Span.span)
        #expect(try second.end() == 0)
    }

    private static func withStore(_ path: String?) throws -> Program {
        try Program { configuration, domain in
            let path = path ?? domain.workspace.path("store.db")
            let secret = "secret: 'b3BlbiBzZXNhbWUgb3BlbiBzZXNhbWUgb3BlbiBzZXM='"
            configuration.secret = "{type: sqlite, sqlite: {path: '\(path)', \(secret)}, cache: {enabled: false}}"
            configuration.grants = [
                "{identity: '\(Domain.main)/*', tenant: main, service: '*', namespaces: ['company.**'], keys: ['*'], operations: [get, put]}"
            ]
        }
    }

    private static func client(_ agent: Program) throws -> TacitClient {
        let files = try agent.domain.client(Domain.worker, as: "client")
        return try TacitClient(
            ClientOptions(
                address: .unix(path: agent.workspace.path("agent.sock")),
                certificate: files.certificate,
                privateKey: files.privateKey,
                authority: files.authority
            )
        )
    }

    @Test(arguments: ["a symbolic link", "a file", "a directory"])
    func `what stands in the socket's place and is no socket is left alone`(_ what: String) throws {
        let agent = try Program(managed: { _ in nil }, waits: false) { _, domain in
            let path = domain.workspace.path("agent.sock")
            switch what {
            case "a symbolic link":
                try FileManager.default.createSymbolicLink(
                    atPath: path,
                    withDestinationPath: domain.workspace.path("elsewhere.sock")
                )
            case "a file": try domain.workspace.write("mine", to: "agent.sock")
            default: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
        }
        #expect(try agent.awaitEnd() == 3)
        #expect(agent.log.contains("is no socket; move it away"))
        #expect(try FileManager.default.attributesOfItem(atPath: agent.workspace.path("agent.sock")).isEmpty == false)
        #expect(unsafe access(agent.workspace.path("elsewhere.sock"), F_OK) != 0)
    }

    @Test func `an agent removes its own socket at its end, and no other of the same name`() throws {
        let agent = try Program()
        let path = agent.workspace.path("agent.sock")
        let other = try ServiceManager.listen(at: path)
        defer { close(other) }
        #expect(try agent.end() == 0)
        #expect(unsafe access(path, F_OK) == 0)
    }
}
