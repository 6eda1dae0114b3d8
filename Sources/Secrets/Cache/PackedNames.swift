internal import Glibc

/// The names of a cache entry in one run of bytes. To read the bytes of a short `String` means to copy it to the stack first,
/// four times for each look-up.
struct PackedNames: Sendable {
    private let bytes: [UInt8]
    private let tenantEnd: Int
    private let namespaceEnd: Int
    private let keyEnd: Int

    init(_ key: StoredKey) {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: key.name.tenant.utf8)
        tenantEnd = bytes.count
        bytes.append(contentsOf: key.name.namespace.utf8)
        namespaceEnd = bytes.count
        bytes.append(contentsOf: key.name.key.utf8)
        keyEnd = bytes.count
        bytes.append(contentsOf: key.version.utf8)
        self.bytes = bytes
    }

    /// Whether these are the names of `key`.
    func equal(_ key: borrowing CacheKey) -> Bool {
        guard key.tenant.count == tenantEnd, key.namespace.count == namespaceEnd - tenantEnd,
            key.key.count == keyEnd - namespaceEnd, key.version.count == bytes.count - keyEnd
        else { return false }
        return holds(key.key, at: namespaceEnd) && holds(key.namespace, at: tenantEnd) && holds(key.tenant, at: 0)
            && holds(key.version, at: keyEnd)
    }

    private func holds(_ name: Span<UInt8>, at start: Int) -> Bool {
        guard !name.isEmpty else { return true }
        // Sound: the lengths were compared, so the name ends within the bytes.
        return unsafe bytes.withUnsafeBufferPointer { held in
            unsafe name.withUnsafeBufferPointer { name in
                guard let first = held.baseAddress, let other = name.baseAddress else { return false }
                return unsafe memcmp(first + start, other, name.count) == 0
            }
        }
    }
}
