/// Walks through the arena, a little at a time, and looks whether the headers in front of its blocks are what the arena wrote.
/// Whoever writes beyond the end of a block overwrites the header of the next: headers are the canaries.
///
/// Blocks of whole pages, those above 4 KiB, are not walked: their headers are looked at when they are freed.
public struct ArenaCheck: Sendable {
    /// Headers looked at since the start.
    public private(set) var checkedBlocks: UInt64 = 0
    /// Times that the whole arena was walked through.
    public private(set) var passes: UInt64 = 0
    /// Headers that were found damaged. Never goes down: memory that was overwritten once is not to be trusted again.
    public private(set) var damagedBlocks: UInt64 = 0

    private var segment = 0
    private var index = 0

    public init() {}

    /// Whether no header was found damaged.
    public var isSound: Bool { damagedBlocks == 0 }

    /// Looks at the next slabs. A slab is 32 KiB, and the arena's lock is held for one at a time, so that whoever allocates
    /// waits for microseconds only.
    ///
    /// - Parameter limit: slabs to look at; at the arena's end it stops, and begins again the next time.
    public mutating func advance(slabs limit: Int) {
        for _ in 0..<limit {
            if let found = Arena.checkSlab(segment: segment, index: index) {
                checkedBlocks += UInt64(found.blocks)
                damagedBlocks += UInt64(found.damaged)
                index += 1
            } else if index > 0 {
                segment += 1
                index = 0
            } else {
                segment = 0
                passes += 1
                return
            }
        }
    }
}
