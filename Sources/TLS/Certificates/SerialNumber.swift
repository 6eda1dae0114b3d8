internal import COpenSSL

/// The serial numbers of certificates: 16 random bytes, so that no two are the same and none can be guessed.
@unsafe
enum SerialNumber {
    static func setRandom(_ number: UnsafeMutablePointer<ASN1_INTEGER>?) throws(TLSError) {
        let operation = "choosing a serial number"
        var bytes = [UInt8](repeating: 0, count: 16)
        guard unsafe RAND_bytes(&bytes, CInt(bytes.count)) == 1 else { throw TLSError.draining(operation) }
        bytes[0] = bytes[0] & 0x7f | 0x40  // positive, and without a leading zero
        guard unsafe ASN1_STRING_set(number, bytes, CInt(bytes.count)) == 1 else {
            throw TLSError.draining(operation)
        }
    }

    /// A serial number from its hexadecimal digits, with or without colons.
    static func parse(_ text: String) throws(TLSError) -> OwnedSerial {
        let digits = text.utf8.filter { $0 != UInt8(ascii: ":") }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in (digits.count % 2 == 0 ? digits : [UInt8(ascii: "0")] + digits) {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue.map(UInt8.init) else {
                bytes = []
                break
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        bytes = Array(bytes.drop { $0 == 0 })
        guard (1...20).contains(bytes.count) else {
            throw TLSError(
                operation: "reading the serial number \(text.prefix(80))",
                reasons: ["it is not 1 to 40 hexadecimal digits"]
            )
        }
        let number = try OwnedSerial()
        guard unsafe ASN1_STRING_set(number.raw, bytes, CInt(bytes.count)) == 1 else {
            throw TLSError.draining("reading a serial number")
        }
        return number
    }
}

/// An `ASN1_INTEGER` that is freed exactly once.
@safe
struct OwnedSerial: ~Copyable {
    let raw: UnsafeMutablePointer<ASN1_INTEGER>

    init() throws(TLSError) {
        guard let raw = unsafe ASN1_INTEGER_new() else { throw TLSError.draining("making a number") }
        unsafe self.raw = raw
    }

    deinit { unsafe ASN1_INTEGER_free(raw) }
}
