internal import Configuration
internal import SecretMemory
internal import Secrets

/// The secrets that were found, each in the form it was written in: a value is decoded when it is asked for, so that it does
/// not lie decoded in memory all the time.
struct EnvironmentTable: Sendable {
    enum Form {
        /// Base64, known to be right.
        case encoded
        /// The value itself.
        case plain
    }

    struct Entry: Sendable {
        let variable: String
        let form: Form
        let text: SharedSecret

        /// The value, which the caller owns.
        func value() throws(MemoryError) -> SecretBytes {
            try text.withBytes { (bytes) throws(MemoryError) in
                switch form {
                case .plain: return try SecretBytes(copying: bytes)
                case .encoded:
                    do throws(Base64.Failure) {
                        return try Base64.decode(bytes)
                    } catch {
                        // It was decoded once when it was accepted, so only memory can be missing.
                        guard case .memory(let error) = error else { throw .accountFull(.values) }
                        throw error
                    }
                }
            }
        }
    }

    private(set) var entries: [EnvironmentKey: Entry] = [:]

    /// Adds what one source holds; what is there already gives way.
    ///
    /// - Throws: where two variables of the source have the same key but are not spelled the same.
    mutating func add(_ found: [Entry], from source: String) throws(EnvironmentRefusal) {
        var seen: [EnvironmentKey: String] = [:]
        for entry in found {
            guard let key = EnvironmentKey(variable: entry.variable) else { continue }
            if let other = seen[key], other != entry.variable {
                throw .duplicate(key: key.text, variables: [other, entry.variable].sorted(), source: source)
            }
            seen[key] = entry.variable
            entries[key] = entry
        }
    }
}
