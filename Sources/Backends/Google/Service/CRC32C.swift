/// The checksum that the service keeps beside each payload: CRC-32C (Castagnoli), as in RFC 3720.
enum CRC32C {
    /// The polynomial 0x1EDC6F41, its bits in reverse order.
    private static let polynomial: UInt32 = 0x82f6_3b78

    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
        return value
    }

    /// The checksum of `bytes`; 0 for none.
    static func of(_ bytes: Span<UInt8>) -> UInt32 {
        var checksum = UInt32.max
        for index in bytes.indices {
            checksum = checksum >> 8 ^ table[Int((checksum ^ UInt32(bytes[index])) & 0xff)]
        }
        return ~checksum
    }
}
