package import SecretMemory
internal import Synchronization

/// The process's own variables. Those that are erased from the environment block stay readable here, from locked memory, so
/// that a reload finds them again.
package final class ProcessEnvironment: ConfigurationEnvironment {
    private let kept = Mutex<[String: SharedSecret]>([:])

    package init() {}

    package func value(_ name: String) throws(MemoryError) -> SharedSecret? {
        if let value = kept.withLock({ $0[name] }) { return value }
        guard let value = try EnvironmentBlock.copy(name) else { return nil }
        return SharedSecret(value)
    }

    package func names(withPrefixes prefixes: [String]) -> [String] {
        var names = Set(kept.withLock { Array($0.keys) })
        EnvironmentBlock.forEach { name, _ in names.insert(name) }
        return names.filter { name in prefixes.contains { name.hasPrefix($0) } }.sorted()
    }

    /// Keeps the values in locked memory, overwrites them in the environment block and unsets the variables.
    ///
    /// Call while the process has one thread: the C library does not guard its environment.
    package func erase(_ names: some Sequence<String>) throws(MemoryError) {
        for name in names {
            guard let value = try EnvironmentBlock.copy(name) else { continue }
            let secret = SharedSecret(value)
            kept.withLock { $0[name] = secret }
            EnvironmentBlock.erase(name)
        }
    }
}
