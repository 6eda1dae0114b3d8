import Backends
import ManagerFakes
import SecretMemory
import Secrets
import Testing

/// What every backend promises, whatever stands behind it. ``ContractPromise`` names each of these.
///
/// The values written here are made up for the tests, so they may be looked at.
struct BackendContract {
    let backend: any SecretBackend
    /// A secret that is there, and its bytes.
    let known: (name: SecretName, value: [UInt8])
    /// What stands behind the backend, which lives for as long as this does.
    var scene: (any Sendable)?
    /// The same secrets, read-only; only where it can be seen what is sent.
    var readOnly: (() throws -> ReadOnlyAccess)?
    /// The keys beside the known one, and itself, in order.
    var keys = ["ALPHA", "ALPHABET", "BETA", "DB_PASSWORD", "caf\u{e9}"]
    /// What is found by the beginning of keys.
    var prefixes = ["ALPHA": ["ALPHA", "ALPHABET"], "ALPHABETA": []]
    /// Whether keys that differ in case only are the same key.
    var foldsCase = false
    /// Whether every namespace and tenant sees every key.
    var ignoresNamespaces = false
    /// Whether values may be any bytes; else they are text.
    var storesBytes = true
    /// Whether a value may have no bytes at all.
    var storesEmpty = true
    /// Most bytes of a value.
    var maximumBytes = 1 << 20
    /// Most bytes of a value that is no text, where these need more room than text.
    var maximumOpaqueBytes = 64 << 10
    /// Keys that a manager may trip over. Two spellings of one character, a space, a line break, quotes: all are different.
    var oddKeys = [
        "caf\u{e9}", "cafe\u{301}", "with space", "line\nbreak", "'; DROP TABLE secret; --", "\u{1f511}", "A/B#C@D",
    ]
    /// Labels that a manager may trip over.
    var oddTags = ["application": "payments", "quote\"d": "line\nbreak", "": "\u{1f511}"]

    /// Whether versions begin anew where a secret is made again after its deletion.
    var numbersVersionsAnew = false
    /// Whether a listing shows descriptions.
    var listsDescriptions = true
    /// Whether a write says which version it made.
    var namesVersions = true
    /// Whether a listing says when a value was written.
    var listsTimes = true

    // MARK: Reading

    func getGivesTheValue() async throws {
        #expect(try await read(known.name) == known.value)
    }

    func getTwiceGivesTheSame() async throws {
        let first = try await read(known.name)
        #expect(try await read(known.name) == first)
    }

    func missingIsNil() async throws {
        let missing = SecretName(tenant: known.name.tenant, namespace: known.name.namespace, key: "NO_SUCH_KEY")
        #expect(try await read(missing) == nil)
    }

    func namesCompareByteForByte() async throws {
        let name = known.name
        for key in [name.key + " ", " " + name.key, name.key + "\u{0}", name.key + "\u{301}", ""] {
            #expect(try await read(SecretName(tenant: name.tenant, namespace: name.namespace, key: key)) == nil)
        }
        let swapped = SecretName(tenant: name.tenant, namespace: name.namespace, key: name.key.lowercased())
        #expect(try await read(swapped) == (foldsCase ? known.value : nil))
        let elsewhere = SecretName(tenant: name.tenant, namespace: name.namespace + ".child", key: name.key)
        #expect(try await read(elsewhere) == (ignoresNamespaces ? known.value : nil))
        let stranger = SecretName(tenant: name.tenant + "2", namespace: name.namespace, key: name.key)
        #expect(try await read(stranger) == (ignoresNamespaces ? known.value : nil))
    }

    func anUnknownVersionIsUnsupported() async throws {
        do throws(BackendError) {
            let found = try await backend.get(known.name, version: "no-such-version") != nil
            #expect(!found && backend.capabilities.contains(.versions))
        } catch {
            guard case .unsupported = error else { throw error }
        }
    }

    // MARK: Listing

    func listIsInOrderAndPaged() async throws {
        guard backend.capabilities.contains(.list) else { return }
        for limit in 1...(keys.count + 1) {
            var found: [String] = []
            var hasMore = true
            while hasMore {
                let page = try await backend.list(query(after: found.last ?? "", limit: limit))
                #expect(page.entries.count <= limit)
                #expect(page.entries.allSatisfy { $0.namespace == known.name.namespace })
                if page.hasMore { try #require(page.entries.count == limit) }
                found += page.entries.map(\.key)
                hasMore = page.hasMore
            }
            #expect(found == keys)
        }
    }

    func listFindsPrefixes() async throws {
        guard backend.capabilities.contains(.list) else { return }
        for (prefix, keys) in prefixes {
            #expect(try await backend.list(query(prefix: prefix, limit: 100)).entries.map(\.key) == keys)
        }
    }

    // MARK: Writing

    func writesAreRefusedWhereTheyAreNotOffered() async throws {
        #expect(!backend.capabilities.contains(.write))
        let value = try SecretBytes(copying: [1, 2, 3].span)
        do throws(BackendError) {
            _ = try await backend.put(SecretWrite(name: known.name), value: value)
            Issue.record("a write was accepted")
        } catch {
            #expect(error == .readOnly)
        }
        do throws(BackendError) {
            _ = try await backend.delete(known.name)
            Issue.record("a delete was accepted")
        } catch {
            #expect(error == .readOnly)
        }
        #expect(try await read(known.name) == known.value)
    }

    func readOnlyItSendsNoWrite() async throws {
        guard let access = try readOnly?() else {
            Issue.record("nothing says how to open it read-only")
            return
        }
        let contract = BackendContract(backend: access.backend, known: known)
        try access.fake.clearRequests()
        try await contract.getGivesTheValue()
        try await contract.writesAreRefusedWhereTheyAreNotOffered()
        #expect(try access.fake.requests().allSatisfy(access.reads))
        await access.backend.close()
    }

    func valuesRoundTrip() async throws {
        var values: [[UInt8]] = [
            Array("plain".utf8), Array("p\u{e4}ss\u{1f511}\n\"\\/ \u{8}".utf8),
            [UInt8](repeating: 0x5a, count: maximumBytes),
        ]
        if storesEmpty { values.append([]) }
        if storesBytes {
            let most = min(maximumOpaqueBytes, maximumBytes)
            values += [[0], (0...255).map { UInt8($0) }, [UInt8](repeating: 0xa5, count: most)]
        }
        for (index, value) in values.enumerated() {
            let name = SecretName(tenant: known.name.tenant, namespace: "contract.values", key: "VALUE_\(index)")
            let version = try await write(name, value)
            #expect(try await read(name) == value)
            #expect(version.isEmpty == !namesVersions)
        }
    }

    func valuesThatAreTooLargeAreRefused() async throws {
        let name = SecretName(tenant: known.name.tenant, namespace: "contract.values", key: "TOO_LARGE")
        let maximum = maximumBytes
        await #expect(throws: BackendError.tooLarge(limit: maximum)) {
            try await write(name, [UInt8](repeating: 0x5a, count: maximum + 1))
        }
        #expect(try await read(name) == nil)
    }

    func oddNamesRoundTrip() async throws {
        for (index, key) in oddKeys.enumerated() {
            try await write(SecretName(tenant: "t", namespace: "contract.names", key: key), Array("\(index)".utf8))
        }
        for (index, key) in oddKeys.enumerated() {
            let name = SecretName(tenant: "t", namespace: "contract.names", key: key)
            #expect(try await read(name) == Array("\(index)".utf8))
        }
    }

    func versionsGrowAndSurviveDeletion() async throws {
        let name = SecretName(tenant: known.name.tenant, namespace: "contract.versions", key: "ROTATED")
        let (one, two, three) = (Array("1".utf8), Array("2".utf8), Array("3".utf8))
        let first = try await write(name, one)
        let second = try await write(name, two)
        if namesVersions { #expect(first != second) }
        #expect(try await read(name) == two)
        let deleted = try await backend.delete(name)
        #expect(deleted)
        #expect(try await read(name) == nil)
        let again = try await backend.delete(name)
        #expect(!again)
        let third = try await write(name, three)
        if namesVersions, !numbersVersionsAnew { #expect(third != first && third != second) }
        #expect(try await read(name) == three)
    }

    func metadataIsListed() async throws {
        let name = SecretName(tenant: known.name.tenant, namespace: "contract.metadata", key: "TAGGED")
        let value = try SecretBytes(copying: "1".utf8Span.span)
        _ = try await backend.put(SecretWrite(name: name, description: "for tests", tags: oddTags), value: value)
        let page = try await backend.list(ListQuery(tenant: name.tenant, namespace: name.namespace, limit: 10))
        let entry = try #require(page.entries.first)
        #expect(entry.tags == oddTags)
        #expect(entry.description == (listsDescriptions ? "for tests" : nil))
        if listsTimes { #expect(try #require(entry.updatedAt) > 1_600_000_000_000) }
    }

    // MARK: Pieces

    private func query(prefix: String = "", after: String = "", limit: Int) -> ListQuery {
        ListQuery(
            tenant: known.name.tenant,
            namespace: known.name.namespace,
            prefix: prefix,
            after: after,
            limit: limit
        )
    }

    /// The value's bytes, or nil where there is none.
    func read(_ name: SecretName) async throws -> [UInt8]? { try await backend.read(name) }

    @discardableResult
    func write(_ name: SecretName, _ value: [UInt8]) async throws -> String { try await backend.write(name, value) }
}

extension SecretBackend {
    /// The value's bytes, or nil where there is none. For made-up values only.
    func read(_ name: SecretName) async throws(BackendError) -> [UInt8]? {
        guard let fetched = try await get(name, version: nil) else { return nil }
        var bytes: [UInt8] = []
        for index in 0..<fetched.value.count { bytes.append(fetched.value.bytes[index]) }
        return bytes
    }

    /// A value that is text, or nil where there is none. For made-up values only.
    func text(_ name: SecretName) async throws(BackendError) -> String? {
        try await read(name).map { String(decoding: $0, as: UTF8.self) }
    }

    func text(_ key: String) async throws(BackendError) -> String? { try await text(name(key)) }

    @discardableResult
    func write(_ name: SecretName, _ value: [UInt8]) async throws(BackendError) -> String {
        let secret: SecretBytes
        do throws(MemoryError) { secret = try SecretBytes(copying: value.span) } catch { throw .memory(error) }
        return try await put(SecretWrite(name: name), value: secret)
    }
}
