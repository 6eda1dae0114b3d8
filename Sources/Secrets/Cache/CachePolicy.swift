/// How long, and how, the values of one scope are kept. Section "Freshness" of the architecture tells what each knob promises.
public struct CachePolicy: Sendable, Equatable {
    /// Off: each request goes to the manager (still one call for all who ask at the same time).
    public var isEnabled = true
    /// Hard lifetime of a value. It is zeroed then, even if nobody asks.
    public var expireAfterWrite: Duration = .seconds(60)
    /// Soft lifetime: the first reader after it is served and starts one refresh behind the answer. nil: off.
    public var refreshAfterWrite: Duration?
    /// How long beyond the hard lifetime a value may be served while the manager cannot be reached.
    public var serveStaleFor: Duration = .zero
    /// Lifetime of "there is none", at each level of a namespace.
    public var expireNotFound: Duration = .seconds(2)

    public init() {}
}

/// What all scopes together may keep.
public struct CacheBounds: Sendable, Equatable {
    /// Entries, "not found" included.
    public var maximumSize = 1000
    /// Bytes of plaintext.
    public var maximumBytes = 16 << 20

    public init() {}
}
