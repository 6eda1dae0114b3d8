import Foundation
import ManagerFakes
import SecretMemory
import TLS
import TacitClient

/// An agent as a process of its own, whose manager is a fake.
final class ManagedProgram: ServedProgram {
    let fake: FakeServer

    /// - Parameters:
    ///   - keys: more keys of the manager's section.
    ///   - more: more keys of `kestra.secret`.
    ///   - lines: more keys of `tacit`.
    init(
        _ fake: FakeServer,
        keys: [String] = [],
        _ more: String,
        kestra: String = "",
        health: String = "off",
        more lines: String = ""
    ) throws {
        self.fake = fake
        try super.init(secret: fake.secret(keys: keys, more), kestra: kestra, health: health, more: lines)
    }

    override func put(_ values: [String: String], in namespace: String) throws {
        guard fake.isReadOnly else { return try super.put(values, in: namespace) }
        for (key, value) in values { try fake.store(key, value, in: namespace) }
    }
}

/// An agent as a process of its own, with one manager for everything.
class ServedProgram {
    let program: Program

    /// - Parameters:
    ///   - secret: `kestra.secret`, in one line.
    ///   - lines: more keys of `tacit`.
    init(secret: String, kestra: String = "", health: String = "off", more lines: String = "") throws {
        program = try Program { configuration, _ in
            configuration.secret = secret
            configuration.kestra = kestra
            configuration.health = health
            configuration.more = lines
            configuration.grants = [
                """
                {identity: '\(Domain.main)/*', tenant: main, service: '*', namespaces: ['company.**'], keys: ['*'], \
                operations: [get, list, put, delete, evict, health]}
                """
            ]
        }
    }

    /// How a worker reaches it.
    func options(timeout: Duration = .seconds(60)) throws -> ClientOptions {
        let files = try program.domain.client(Domain.worker, as: "caller-\(UInt32.random(in: 0 ... .max))")
        return ClientOptions(
            address: .unix(path: program.workspace.path("agent.sock")),
            certificate: files.certificate,
            privateKey: files.privateKey,
            authority: files.authority,
            timeout: timeout
        )
    }

    func put(_ values: [String: String], in namespace: String) throws {
        var client = try TacitClient(options())
        for (key, value) in values { try client.put(key, in: namespace, value: value.utf8Span.span) }
    }

    /// What a worker is answered.
    func get(_ key: String, in namespace: String = "company.team", timeout: Duration = .seconds(60)) throws -> Answer {
        var client = try TacitClient(options(timeout: timeout))
        return Answer(&client, key, namespace)
    }
}

/// An answer to a worker, for comparisons: the values of these tests are no secrets.
enum Answer: Equatable {
    case value(String, SecretSource, ageSeconds: Int)
    case refused(String)
    case failed(String)

    init(_ client: inout TacitClient, _ key: String, _ namespace: String) {
        do throws(ClientError) {
            let secret = try client.get(Reference(key, in: namespace))
            let age = Int(secret.age.components.seconds)
            self = .value(Self.text(secret.value), secret.source, ageSeconds: age)
        } catch {
            if case .refused(let refusal) = error {
                self = .refused("\(refusal.reason)")
            } else {
                self = .failed("\(error)")
            }
        }
    }

    static func text(_ value: borrowing SecretBytes) -> String { String(decoding: copied(value.bytes), as: UTF8.self) }
}
