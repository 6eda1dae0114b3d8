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

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe base[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        // Sound: there is room for as many bytes as the span has.
        unsafe bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { unsafe memcpy(base + count, start, source.count) }
        }
        count += bytes.count
    }

    mutating func append(_ other: borrowing LineBuffer) { append(other.bytes) }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        put(text)
    }

    /// With a label, because a literal would be taken for a `String` and not for the text of the program that it is.
    mutating func append(copying text: String) { append(text.utf8Span.span) }

    mutating func append(decimal number: Int64) {
        reserve(Self.longestDecimal)
        if number >= 0, number < 10 { return append(UInt8(ascii: "0") + UInt8(number)) }
        if number < 0 { append(UInt8(ascii: "-")) }
        // Written from the end, because how many digits there are shows only when they are there.
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.longestDecimal) { digits in
            var rest = number.magnitude
            var first = digits.count
            repeat {
                first -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                unsafe digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest != 0
            let written = digits.count - first
            if let start = digits.baseAddress { unsafe memcpy(base + count, start + first, written) }
            count += written
        }
    }

    private static let longestDecimal = 20

    /// Lower-case hex digits of a hash, four bytes at a time.
    mutating func append(hex hash: [32 of UInt8]) {
        reserve(2 * hash.count)
        for start in stride(from: 0, to: hash.count, by: 4) {
            var nibbles: UInt64 = 0
            for offset in 0..<4 {
                let byte = UInt64(hash[start + offset])
                nibbles |= (byte >> 4 | (byte & 15) << 8) << UInt64(16 * offset)
            }
            // A nibble from ten on carries into its upper half where six is added.
            let letters = (nibbles &+ Self.ones &* 6) >> 4 & Self.ones
            let digits = nibbles &+ Self.ones &* UInt64(UInt8(ascii: "0")) &+ letters &* Self.beyondDigits
            // Sound: there is room for all of them.
            unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: digits.littleEndian, as: UInt64.self)
            count += 8
        }
    }

    /// A one in each byte.
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    /// From the digit that would follow 9 to the letter a.
    private static let beyondDigits = UInt64(UInt8(ascii: "a") - UInt8(ascii: "0") - 10)

    /// Text between the quotes of a JSON string; the input is valid UTF-8.
    mutating func append(escaping text: Span<UInt8>) {
        reserve(Self.longestEscape * text.count)
        put(escaping: text)
    }

    /// Appends `,"name":"text"`, with one look for room for all of it.
    @inline(__always)
    mutating func append(member name: StaticString, escaping text: Span<UInt8>) {
        reserve(Self.memberBytes + name.utf8CodeUnitCount + Self.longestEscape * text.count)
        put(opening: name)
        put(escaping: text)
        put("\"")
    }

    /// The same for a text that needs no escapes.
    @inline(__always)
    mutating func append(member name: StaticString, verbatim text: StaticString) {
        reserve(Self.memberBytes + name.utf8CodeUnitCount + text.utf8CodeUnitCount)
        put(opening: name)
        put(text)
        put("\"")
    }

    @inline(__always)
    private mutating func put(opening name: StaticString) {
        put(",\"")
        put(name)
        put("\":\"")
    }

    /// The comma, the quotes and the colon of a member.
    private static let memberBytes = 6
    private static let longestEscape = 6

    /// Sound where there is room, which the caller has made.
    @inline(__always)
    private mutating func put(_ text: StaticString) {
        unsafe memcpy(base + count, text.utf8Start, text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    /// Sound where there is room, which the caller has made.
    private mutating func put(escaping text: Span<UInt8>) {
        unsafe text.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            guard unsafe Self.needsEscapes(UnsafeRawBufferPointer(source)) else {
                unsafe memcpy(base + count, start, source.count)
                count += source.count
                return
            }
            for offset in 0..<source.count { unsafe put(escaping: start[offset]) }
        }
    }

    /// Looks at eight bytes at a time, as names are short and mostly plain.
    private static func needsEscapes(_ text: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset + 8 <= text.count {
            if needsEscape(in: unsafe text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) { return true }
            offset += 8
        }
        while offset < text.count {
            if needsEscape(unsafe text[offset]) { return true }
            offset += 1
        }
        return false
    }

    /// Whether one of eight bytes needs an escape: where a byte is below a bound, the difference borrows into its top bit.
    @inline(__always)
    private static func needsEscape(in word: UInt64) -> Bool {
        let quotes = word ^ (Self.ones &* UInt64(UInt8(ascii: "\"")))
        let slashes = word ^ (Self.ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- Self.ones &* 0x20) & ~word
        let found = controls | ((quotes &- Self.ones) & ~quotes) | ((slashes &- Self.ones) & ~slashes)
        return found & (Self.ones << 7) != 0
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func put(escaping byte: UInt8) {
        if byte < 0x20 {
            put("\\u00")
            unsafe base[count] = Self.hexDigit(byte >> 4)
            unsafe base[count + 1] = Self.hexDigit(byte & 15)
            count += 2
        } else {
            if Self.needsEscape(byte) { put("\\") }
            unsafe base[count] = byte
            count += 1
        }
    }

    @inline(__always)
    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    @inline(__always)
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
