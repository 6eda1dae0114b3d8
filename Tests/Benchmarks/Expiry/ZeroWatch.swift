import Secrets

/// Where a value lies and when it has to be gone.
struct WatchedValue {
    static let byteCount = 64

    let place: UInt
    let deadline: BootInstant

    /// Whether nothing of the value is left. The arena links free blocks through their first word, so that one only has to
    /// be something else.
    ///
    /// - Safety: the arena never unmaps what it has mapped, so the place can be read long after the value has gone.
    @inline(never)
    var isGone: Bool {
        guard let bytes = unsafe UnsafeRawPointer(bitPattern: place) else { return false }
        for offset in stride(from: 8, to: Self.byteCount, by: 8) {
            if unsafe bytes.load(fromByteOffset: offset, as: UInt64.self) != 0 { return false }
        }
        return unsafe bytes.load(as: UInt64.self) != 0xa7a7_a7a7_a7a7_a7a7
    }
}

/// Looks at memory again and again, and believes nothing else.
struct ZeroWatch {
    /// Between two looks. Looking without pause would take a processor, and the values' memory, away from the reaper.
    private static let pause: Int64 = 100_000

    /// Nanoseconds from a value's deadline until it was seen to be gone: it took no longer than that.
    private(set) var atMost: [Int64] = []
    /// Nanoseconds from a value's deadline until it was seen to be there for the last time: it took longer than that. Far
    /// from ``atMost`` only where this thread was kept waiting for a processor.
    private(set) var atLeast: [Int64] = []

    /// Watches until all are gone.
    mutating func watch(_ values: [WatchedValue], givingUpAt end: BootInstant) throws {
        guard !values.contains(where: \.isGone) else { throw Failure("a value was not where it should be") }
        var left = values
        var lastLook = BootInstant.now
        while !left.isEmpty {
            let look = BootInstant.now
            left.removeAll { value in
                guard value.isGone else { return false }
                atMost.append(BootInstant.now.nanoseconds(since: value.deadline))
                atLeast.append(max(0, lastLook.nanoseconds(since: value.deadline)))
                return true
            }
            lastLook = look
            guard look < end else { throw Failure("\(left.count) values outlived their deadline by far") }
            Pace.sleep(until: BootInstant.now.advanced(by: Self.pause))
        }
    }
}
