/// What stands in front of every block: enough to wipe and return it, and to notice a double or a wild free.
@unsafe
struct BlockHeader {
    static let live: UInt32 = 0x7ac1_17ed
    static let freed: UInt32 = 0xdead_b10c

    var magic: UInt32
    var sizeClass: UInt8
    var account: UInt8
    var segment: UInt16
    /// Bytes asked for. SQLite must be told this and not the block's size: a moving realloc copies no slack.
    var requested: UInt32
    /// Bytes of the whole block, header included.
    var total: UInt32

    /// The header of a block that was handed out.
    ///
    /// - Safety: `body` must come from this arena. Anything else ends the process, which is the point.
    @inline(always)
    static func of(_ body: UnsafeMutableRawPointer) -> UnsafeMutablePointer<BlockHeader> {
        let header = unsafe (body - SizeClass.headerBytes).assumingMemoryBound(to: BlockHeader.self)
        precondition(unsafe header.pointee.magic == live, "a block of locked memory was freed twice or overwritten")
        return unsafe header
    }
}
