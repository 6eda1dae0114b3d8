package import Configuration
package import SecretMemory
package import Secrets

/// Secrets of the process's environment: `SECRET_NAME=BASE64`. Read once, never written.
///
/// There is one name space: every tenant and every namespace sees every key, unless the options keep a key to some
/// namespaces. Keys are the same in any case of their letters.
package final class EnvironmentBackend: SecretBackend {
    /// The one version that each of these secrets has.
    package static let version = "1"

    private let table: EnvironmentTable
    private let order: [EnvironmentKey]
    private let namespaces: [EnvironmentKey: [String]]

    /// Reads the environment and the files.
    ///
    /// - Parameter notices: is told which variables cannot be used, by name.
    package init(
        environment: any ConfigurationEnvironment,
        options: EnvironmentOptions = EnvironmentOptions(),
        notices: @escaping BackendNotices = { _ in }
    ) throws(EnvironmentRefusal) {
        table = try EnvironmentLoader(options: options, notices: notices).load(environment)
        order = table.entries.keys.sorted()
        var namespaces: [EnvironmentKey: [String]] = [:]
        for (name, allowed) in options.namespaces {
            guard let key = EnvironmentKey(requested: name), table.entries[key] != nil else {
                notices("env.namespaces: there is no secret \(KeySpelling.printable(name))")
                continue
            }
            namespaces[key, default: []] += allowed
        }
        self.namespaces = namespaces
    }

    /// Overwrites every variable with a secret in the process's environment block and unsets it, so that neither children
    /// nor readers of `/proc` find it. The values stay readable through `environment`, in locked memory.
    ///
    /// Call it while the process has one thread.
    package static func hide(in environment: ProcessEnvironment) throws(MemoryError) {
        try environment.erase(environment.names(withPrefixes: [EnvironmentOptions.prefix]))
    }

    // MARK: SecretBackend

    /// Every namespace has every key, so that there are too many to tell, unless there are no keys.
    package var capabilities: BackendCapabilities { order.isEmpty ? [.list, .namespaces] : .list }

    package func namespaces(_ query: NamespaceQuery) async throws(BackendError) -> NamespacePage {
        guard order.isEmpty else { throw .unsupported(detail: "every namespace has the secrets of the environment") }
        return NamespacePage(namespaces: [], hasMore: false)
    }

    package func get(_ name: SecretName, version: String?) async throws(BackendError) -> FetchedSecret? {
        guard let key = EnvironmentKey(requested: name.key), let entry = table.entries[key],
            isVisible(key, in: name.namespace)
        else { return nil }
        guard version == nil || version == Self.version else {
            throw .unsupported(detail: "secrets of the environment have no version but \(Self.version)")
        }
        // Decoding is done on a thread of the language's pool, which goes on with other work.
        defer { Hardening.scrubStack() }
        do throws(MemoryError) {
            return FetchedSecret(value: try entry.value(), version: Self.version)
        } catch {
            throw .memory(error)
        }
    }

    package func list(_ query: ListQuery) async throws(BackendError) -> ListPage {
        let prefix = String(decoding: query.prefix.utf8.map(Self.upperCased), as: UTF8.self)
        var entries: [SecretEntry] = []
        for key in order where key.text.utf8.starts(with: prefix.utf8) && isVisible(key, in: query.namespace) {
            guard query.after.utf8.lexicographicallyPrecedes(key.text.utf8) else { continue }
            if entries.count == max(1, query.limit) { return ListPage(entries: entries, hasMore: true) }
            entries.append(SecretEntry(namespace: query.namespace, key: key.text, version: Self.version))
        }
        return ListPage(entries: entries, hasMore: false)
    }

    package func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        throw .readOnly
    }

    package func delete(_ name: SecretName) async throws(BackendError) -> Bool { throw .readOnly }

    package func connect() async throws(BackendError) {}

    package func close() async {}

    package func place(of name: SecretName) -> String {
        EnvironmentKey(requested: name.key).map { EnvironmentOptions.prefix + $0.text } ?? "no variable"
    }

    private func isVisible(_ key: EnvironmentKey, in namespace: String) -> Bool {
        guard let allowed = namespaces[key] else { return true }
        return allowed.contains { $0.hasSameBytes(as: namespace) }
    }

    private static func upperCased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 32 : byte
    }
}
