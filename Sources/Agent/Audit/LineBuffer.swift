internal import Cryptography
internal import Glibc

/// Bytes of audit lines under construction. An array would check for sharing and growth at every piece; here a piece costs
/// one comparison and one copy. Ordinary memory: names are written here, never a value.
@safe
struct LineBuffer: ~Copyable, @unchecked Sendable {  // Sound: the memory has one owner.
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 4096) {
        self.capacity = capacity
        unsafe base = .allocate(capacity: capacity)
    }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self) get {
            let span = unsafe Span(_unsafeStart: base, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The hash of what was written from `start` on.
    func hash(from start: Int, with digest: inout Digest256) throws(CryptographyError) -> [32 of UInt8] {
        try digest.update(bytes.extracting(droppingFirst: start))
        return try digest.finalize()
    }

    /// Forgets what is there; gives memory back that an unusual turn made grow beyond `keeping` bytes.
    mutating func removeAll(keeping: Int = 1 << 20) {
        count = 0
        guard capacity > keeping else { return }
        unsafe base.deallocate()
        capacity = 4096
        unsafe base = .allocate(capacity: capacity)
    }

    mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe base[count] = byte
        count += 1
    }

    mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        // Sound: there is room for as many bytes as the span has.
        unsafe bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { unsafe memcpy(base + count, start, source.count) }
        }
        count += bytes.count
    }

    mutating func append(_ other: borrowing LineBuffer) { append(other.bytes) }

    mutating func append(_ text: StaticString) {
        // Sound: a static string's bytes live as long as the program.
        append(unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ text: String) { append(text.utf8Span.span) }

    mutating func append(decimal number: Int64) {
        reserve(20)
        var rest = number.magnitude
        if number < 0 { append(UInt8(ascii: "-")) }
        let digits = Self.digits(rest)
        for offset in stride(from: digits - 1, through: 0, by: -1) {
            unsafe base[count + offset] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += digits
    }

    private static func digits(_ number: UInt64) -> Int {
        var count = 1
        var limit: UInt64 = 10
        while number >= limit {
            count += 1
            let (next, overflow) = limit.multipliedReportingOverflow(by: 10)
            if overflow { break }
            limit = next
        }
        return count
    }

    /// Lower-case hex digits.
    mutating func append(hex bytes: Span<UInt8>) {
        reserve(2 * bytes.count)
        for index in bytes.indices {
            unsafe base[count] = Self.hexDigit(bytes[index] >> 4)
            unsafe base[count + 1] = Self.hexDigit(bytes[index] & 15)
            count += 2
        }
    }

    /// Text between the quotes of a JSON string; the input is valid UTF-8.
    mutating func append(escaping text: Span<UInt8>) {
        reserve(6 * text.count)
        for index in text.indices {
            let byte = text[index]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                unsafe base[count] = byte
                count += 1
            } else if byte >= 0x20 {
                unsafe base[count] = UInt8(ascii: "\\")
                unsafe base[count + 1] = byte
                count += 2
            } else {
                append("\\u00")
                append(Self.hexDigit(byte >> 4))
                append(Self.hexDigit(byte & 15))
            }
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    private mutating func reserve(_ byteCount: Int) {
        if capacity - count < byteCount { grow(byteCount) }
    }

    @inline(never)
    private mutating func grow(_ byteCount: Int) {
        capacity = max(capacity * 2, count + byteCount)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe memcpy(larger, base, count)
        unsafe base.deallocate()
        unsafe base = larger
    }

    deinit { unsafe base.deallocate() }
}
