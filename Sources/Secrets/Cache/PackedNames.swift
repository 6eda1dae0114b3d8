internal import SecretMemory

/// The names of a cache entry in one run of bytes. To read the bytes of a short `String` means to copy it to the stack first,
/// four times for each look-up.
struct PackedNames: Sendable, Equatable {
    private let bytes: [UInt8]
    private let tenantEnd: Int
    private let namespaceEnd: Int
    private let keyEnd: Int

    init(_ key: borrowing CacheKey) {
        tenantEnd = key.tenant.count
        namespaceEnd = tenantEnd + key.namespace.count
        keyEnd = namespaceEnd + key.key.count
        bytes = [UInt8](capacity: keyEnd + key.version.count) { output in
            output.append(contentsOf: key.tenant)
            output.append(contentsOf: key.namespace)
            output.append(contentsOf: key.key)
            output.append(contentsOf: key.version)
        }
    }

    static func == (left: PackedNames, right: PackedNames) -> Bool {
        left.tenantEnd == right.tenantEnd && left.namespaceEnd == right.namespaceEnd && left.keyEnd == right.keyEnd
            && left.bytes.span.equals(right.bytes.span)
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
        bytes.span.extracting(start..<(start + name.count)).equals(name)
    }
}
