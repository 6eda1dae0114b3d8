/// Where a name or a value stands in a JSON document. Holds no byte of it.
struct JSONPlace: Sendable {
    enum Kind: UInt8, Sendable {
        /// The name of an object's member; its value follows.
        case name
        case object, array, string, number, boolean, null

        /// The kind of value that begins so; the scanner refuses what begins otherwise.
        init(firstByte: UInt8?) {
            switch firstByte {
            case UInt8(ascii: "{"): self = .object
            case UInt8(ascii: "["): self = .array
            case UInt8(ascii: "\""): self = .string
            case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .boolean
            case UInt8(ascii: "n"): self = .null
            default: self = .number
            }
        }
    }

    let kind: Kind
    /// A string without its quotes.
    var range: Range<Int>
    /// The number of the place behind this one and all that is in it.
    var next: Int
}
