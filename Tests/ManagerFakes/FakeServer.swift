import Foundation
import Synchronization

/// A secret manager's counterpart for tests: a process that speaks as the manager does, over TLS.
///
/// It ends with `stop()`, with the last reference to it, and with the test program, however that ends.
/// What each kind can be asked for is in Tests/Fakes/README.md. Everything it holds is made up for tests.
package final class FakeServer: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case vault, azure, google, aws, doppler, onepassword, delinea, beyondtrust, cyberark, conjur, ccp,
            elasticsearch
    }

    package struct Refused: Error, CustomStringConvertible {
        package let description: String
    }

    package let kind: Kind
    package let port: Int
    /// Path of the PEM with the certificate authority to trust.
    package let authority: String
    /// What else it announced, such as addresses and paths of files.
    package let details: [String: String]
    private let channel: Mutex<LineChannel>
    private let process: Process

    /// Starts it, and waits until it listens.
    ///
    /// - Parameter options: `certificate` (`expired`, `wrong-host`, `other-authority`), `client-certificate`
    ///   (`demanded`), `seed`, and those of the kind.
    package init(_ kind: Kind, options: [String: String] = [:]) throws {
        let process = try TestPython.process("serve.py", [kind.rawValue] + options.map { "\($0.key)=\($0.value)" })
        var channel = try LineChannel.open { other in
            process.standardInput = other
            process.standardOutput = other
            try process.run()
        }
        let announced = try Self.object(channel.receive())
        guard let port = announced["port"] as? Int, let authority = announced["authority"] as? String,
            let details = announced["details"] as? [String: String]
        else { throw Refused(description: "the fake announced something else: \(announced)") }
        self.kind = kind
        self.process = process
        self.port = port
        self.authority = authority
        self.details = details
        self.channel = Mutex(channel)
    }

    deinit { stop() }

    /// Where its main listener is.
    package var address: String { "https://localhost:\(port)" }

    /// Sends a command and waits for its answer, which is without `ok`.
    @discardableResult
    package func command(_ command: [String: Any]) throws -> [String: Any] {
        let line = try JSONSerialization.data(withJSONObject: command)
        let answer = try channel.withLock { channel in
            try channel.send(line)
            return try channel.receive()
        }
        var members = try Self.object(answer)
        guard members.removeValue(forKey: "ok") as? Bool == true else {
            throw Refused(description: members["error"] as? String ?? "the fake refused, and did not say why")
        }
        return members
    }

    /// The same with the command's name apart from its members.
    @discardableResult
    package func command(_ name: String, _ members: [String: Any] = [:]) throws -> [String: Any] {
        try command(members.merging(["do": name]) { $1 })
    }

    /// Makes requests fail whose path holds `path`.
    ///
    /// - Parameter times: how many; 0: all until faults are cleared.
    package func fault(_ kind: String, times: Int = 1, path: String = "", _ more: [String: Any] = [:]) throws {
        try command("fault", more.merging(["kind": kind, "times": times, "path": path]) { $1 })
    }

    package func clearFaults() throws { try command("clear-faults") }

    /// Everything that came in since the start, or since they were cleared.
    package func requests() throws -> [RecordedRequest] {
        let listed = try command("requests")["requests"] as? [[String: Any]] ?? []
        return listed.compactMap(RecordedRequest.init)
    }

    package func clearRequests() throws { try command("clear-requests") }

    /// Connections accepted so far, over all listeners.
    package func connections() throws -> Int { try command("connections")["total"] as? Int ?? 0 }

    /// Moves its clock ahead.
    package func advance(seconds: Double) throws { try command("advance", ["seconds": seconds]) }

    /// Ends it, and waits until it has removed what it wrote.
    package func stop() {
        channel.withLock { $0.end() }
        process.waitUntilExit()
    }

    private static func object(_ line: Data) throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: line) as? [String: Any] else {
            throw Refused(description: "the fake answered with something else than an object")
        }
        return object
    }
}
