/// The sizes that small blocks come in, each about a quarter larger than the one before.
enum SizeClass {
    /// Bytes in front of every block.
    static let headerBytes = 16
    /// Blocks above this take whole pages.
    static let largestSmall = 4096
    /// Number of small classes.
    static let count = sizes.count
    /// The class number written into blocks of whole pages.
    static let pages: UInt8 = 255

    /// Bytes of a block, header included; multiples of 16.
    static let sizes: [Int] = {
        var sizes = [32]
        while let last = sizes.last, last < largestSmall {
            sizes.append(min(largestSmall, max(last + 16, (last * 5 / 4 + 15) & ~15)))
        }
        return sizes
    }()

    /// From a block's size in units of 16 bytes to its class.
    static let byUnits: [UInt8] = {
        var table: [UInt8] = []
        var current = 0
        for units in 0...(largestSmall / 16) {
            if units * 16 > sizes[current] { current += 1 }
            table.append(UInt8(current))
        }
        return table
    }()
}
