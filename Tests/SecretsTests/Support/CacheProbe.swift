import SecretMemory

@testable import Secrets

/// Times in seconds after an arbitrary start, so that no test of lifetimes has to wait.
func at(_ seconds: Double) -> BootInstant { BootInstant(nanoseconds: 1_000_000_000_000 + Int64(seconds * 1e9)) }

extension StoredKey {
    static func named(
        _ key: String = "KEY",
        in namespace: String = "a",
        tenant: String = "main",
        scope: UInt16 = 1,
        version: String = ""
    ) -> StoredKey {
        StoredKey(scope: scope, name: SecretName(tenant: tenant, namespace: namespace, key: key), version: version)
    }
}

extension StoredKey {
    /// Keys that fall to the first part of the cache.
    static func together(_ count: Int) -> [StoredKey] {
        var keys: [StoredKey] = []
        var number = 0
        while keys.count < count {
            let key = StoredKey.named("KEY_\(number)")
            if key.withCacheKey({ $0.hash }) >> 61 == 0 { keys.append(key) }
            number += 1
        }
        return keys
    }
}

extension CachePolicy {
    static func lasting(
        _ lifetime: Duration = .seconds(60),
        refreshAfter: Duration? = nil,
        staleFor: Duration = .zero,
        notFound: Duration = .seconds(2)
    ) -> CachePolicy {
        var policy = CachePolicy()
        policy.expireAfterWrite = lifetime
        policy.refreshAfterWrite = refreshAfter
        policy.serveStaleFor = staleFor
        policy.expireNotFound = notFound
        return policy
    }
}

extension CacheBounds {
    static func entries(_ count: Int, bytes: Int = 16 << 20) -> CacheBounds {
        var bounds = CacheBounds()
        bounds.maximumSize = count
        bounds.maximumBytes = bytes
        return bounds
    }
}

/// What a look-up said, with the value's mark.
enum Look: Equatable {
    case hit(UInt8, refresh: Bool)
    case notFound
    case miss
}

extension Cache {
    func look(_ key: StoredKey = .named(), at now: BootInstant, maximumAge: Int64? = nil) -> Look {
        var mark: UInt8 = 0
        let answer = key.withCacheKey { probe in
            read(probe, at: now, maximumAge: maximumAge) { mark = $0.mark }
        }
        switch answer {
        case .hit(let refresh): return .hit(mark, refresh: refresh)
        case .notFound: return .notFound
        case .miss: return .miss
        }
    }

    /// Keeps a value of `count` bytes, each of them `mark`, as the resolver would.
    func keep(
        _ mark: UInt8,
        for key: StoredKey = .named(),
        count: Int = 8,
        policy: CachePolicy = .lasting(),
        lifetime: Duration? = nil,
        since epoch: UInt64? = nil,
        at now: BootInstant
    ) throws {
        let kept = min(lifetime ?? policy.expireAfterWrite, policy.expireAfterWrite)
        let secret = ResolvedSecret(
            value: try .marked(mark, count: count),
            namespace: key.name.namespace,
            version: "",
            fetchedAt: now,
            expiresAt: now.advanced(by: kept)
        )
        store(
            key,
            answer: secret,
            policy: policy,
            since: epoch ?? self.epoch(of: key.name),
            at: now,
            keptUntil: lifetime.map { now.advanced(by: $0) } ?? .distantFuture
        )
    }

    func keepNotFound(_ key: StoredKey = .named(), policy: CachePolicy = .lasting(), at now: BootInstant) {
        store(key, answer: nil, policy: policy, since: epoch(of: key.name), at: now)
    }
}
