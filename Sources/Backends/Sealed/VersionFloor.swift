internal import Secrets
internal import Synchronization

/// The highest version seen of each secret, so that a running agent notices when an old copy of the file, or an old row,
/// was put back in place of the newer one.
final class VersionFloor: Sendable {
    /// Secrets remembered; beyond it others are forgotten, and with them only this guard.
    static let limit = 16_384

    private let highest = Mutex<[[UInt8]: Int64]>([:])

    /// The version that a row read from now on must have at least; 0 where none is known.
    ///
    /// Ask before reading: what was written before the question is seen by the reading.
    func floor(of name: SecretName) -> Int64 {
        let key = Self.key(name)
        return highest.withLock { $0[key] ?? 0 }
    }

    func raise(_ name: SecretName, to version: Int64) {
        let key = Self.key(name)
        highest.withLock { highest in
            if let known = highest[key], known >= version { return }
            if highest.count >= Self.limit, highest[key] == nil { highest.remove(at: highest.startIndex) }
            highest[key] = version
        }
    }

    /// Names compare byte for byte, which texts do not: to them two spellings of one character are the same.
    private static func key(_ name: SecretName) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.tenant.utf8.count + name.namespace.utf8.count + name.key.utf8.count + 8)
        for part in [name.tenant.utf8, name.namespace.utf8] {
            let count = UInt32(truncatingIfNeeded: part.count)
            for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
            bytes.append(contentsOf: part)
        }
        bytes.append(contentsOf: name.key.utf8)
        return bytes
    }
}
