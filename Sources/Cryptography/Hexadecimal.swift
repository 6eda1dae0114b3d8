/// Bytes as lower-case hexadecimal digits.
package enum Hexadecimal {
    /// Appends two digits for each byte.
    package static func append(_ bytes: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
        for index in bytes.indices {
            output.append(digit(bytes[index] >> 4))
            output.append(digit(bytes[index] & 15))
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Replaces the bytes in the first half of `room` by their digits, which fill all of it: what the bytes are of may be a
    /// secret, so they must not lie anywhere else.
    static func expand(_ room: inout MutableSpan<UInt8>) {
        for index in stride(from: room.count / 2 - 1, through: 0, by: -1) {
            let byte = room[index]
            room[2 * index] = digit(byte >> 4)
            room[2 * index + 1] = digit(byte & 15)
        }
    }
}
