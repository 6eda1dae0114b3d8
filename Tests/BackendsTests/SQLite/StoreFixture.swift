import Backends
import Cryptography
import Foundation
import SecretMemory
import Secrets

/// A directory of its own for one test, removed with everything in it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tacit-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Secrets that only ever seal made-up values.
enum StoreSecret {
    static let first = "kN2v8Qx1Zr7Tb4Lm9Wc6Yd3Hf5Jg0PsAe"
    static let second = "wQ5tRb9Xm2Zk7Vc4Lp8Jd1Hs6Gf3Na0Ye"
    static let third = "bT7yNc3Xv9Mq2Ws5Ed8Rf1Tg6Yh4Uj0Ki"
}

func keyring(_ current: String = StoreSecret.first, previous: [String] = []) throws -> EnvelopeKeyring {
    func secret(_ text: String) throws -> SharedSecret {
        SharedSecret(try SecretBytes(copying: Array(text.utf8).span))
    }
    return try EnvelopeKeyring(current: secret(current), previous: previous.map(secret))
}

func store(
    _ path: String,
    _ keys: EnvelopeKeyring? = nil,
    notices: @escaping BackendNotices = { _ in },
    options change: (inout SQLiteOptions) -> Void = { _ in }
) throws -> SQLiteBackend {
    var options = SQLiteOptions(path: path)
    options.busyTimeout = .milliseconds(200)
    change(&options)
    return try SQLiteBackend(options: options, keyring: keys ?? keyring(), notices: notices)
}

func name(_ key: String, namespace: String = "company.team", tenant: String = "main") -> SecretName {
    SecretName(tenant: tenant, namespace: namespace, key: key)
}
