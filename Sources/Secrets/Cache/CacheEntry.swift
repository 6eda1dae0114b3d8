public import SecretMemory
internal import Synchronization

/// What the cache remembers of one name: a value, or that there is none.
final class CacheEntry: Sendable {
    let key: StoredKey
    /// What ``key`` says, for look-ups.
    let names: PackedNames
    let hash: UInt64
    /// nil: there is no such secret.
    let answer: ResolvedSecret?
    let storedAt: BootInstant
    /// From here on the first reader starts a refresh.
    let refreshAt: BootInstant
    /// From here on it is served only while the manager cannot be reached.
    let expiresAt: BootInstant
    /// From here on it is gone.
    let wipeAt: BootInstant

    init(
        key: StoredKey,
        hash: UInt64,
        answer: ResolvedSecret?,
        storedAt: BootInstant,
        refreshAt: BootInstant,
        expiresAt: BootInstant,
        wipeAt: BootInstant
    ) {
        self.key = key
        names = key.withCacheKey { PackedNames($0) }
        self.hash = hash
        self.answer = answer
        self.storedAt = storedAt
        self.refreshAt = refreshAt
        self.expiresAt = expiresAt
        self.wipeAt = wipeAt
    }

    func isAbout(_ key: borrowing CacheKey) -> Bool { self.key.scope == key.scope && names.equal(key) }

    var byteCount: Int { answer?.value.value.count ?? 0 }
}

/// A value on its way from a manager to those who asked, and what is known of it. Wiped when the last of them is done and
/// the cache has let go of it.
public final class ResolvedSecret: Sendable {
    /// The value.
    public let value: SharedSecret
    /// Where it was found.
    public let namespace: String
    /// The manager's name of its version; "" where it has none.
    public let version: String
    /// The namespace and the version as bytes: to read those of a short `String` means to copy it first.
    public let names: Names
    /// When the manager answered.
    public let fetchedAt: BootInstant
    /// When it must be gone from the cache; the time of fetching where it is not kept.
    public let expiresAt: BootInstant
    /// A bit for each of those who read it.
    private let readers = Atomic<UInt64>(0)

    public init(
        value: consuming SecretBytes,
        namespace: String,
        version: String,
        fetchedAt: BootInstant,
        expiresAt: BootInstant
    ) {
        self.value = SharedSecret(value)
        self.namespace = namespace
        self.version = version
        names = Names(namespace: namespace, version: version)
        self.fetchedAt = fetchedAt
        self.expiresAt = expiresAt
    }

    /// Both in one run of bytes, so that to hold them counts as one.
    public struct Names: Sendable {
        private let bytes: [UInt8]
        private let namespaceEnd: Int

        init(namespace: String, version: String) {
            bytes = Array(namespace.utf8) + Array(version.utf8)
            namespaceEnd = namespace.utf8.count
        }

        public var namespace: Span<UInt8> {
            @_lifetime(borrow self) get { bytes.span.extracting(..<namespaceEnd) }
        }

        public var version: Span<UInt8> {
            @_lifetime(borrow self) get { bytes.span.extracting(namespaceEnd...) }
        }
    }

    /// Remembers who read it.
    public func markRead(by bits: UInt64) {
        // Nearly always it is known already, and then nothing is written.
        if readers.load(ordering: .relaxed) & bits != bits { readers.bitwiseOr(bits, ordering: .relaxed) }
    }

    /// Forgets readers.
    ///
    /// - Returns: whether they were the only ones.
    func release(readers bits: UInt64) -> Bool {
        let (before, after) = readers.bitwiseAnd(~bits, ordering: .relaxed)
        return before != 0 && after == 0
    }
}
