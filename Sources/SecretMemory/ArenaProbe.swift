#if MEMORY_PROBE
    internal import CMemorySearch
    internal import Glibc

    /// Searches the arena from inside, because secret memory cannot be read from outside. Debug builds only.
    public enum ArenaProbe {
        /// Whether this process runs without its protections, so that a search can prove that it would find something:
        /// nothing is wiped, libraries allocate on the ordinary heap, the process is as open as any other.
        ///
        /// Sound: set once, before any other thread.
        public nonisolated(unsafe) static var measuresAreOff = false

        /// The variable that, with the value `off`, sets ``measuresAreOff``.
        static let switchName = "TACIT_PROBE_MEASURES"

        /// Reads the switch. The first line of main's first line.
        static func readSwitch() {
            guard let value = unsafe getenv(switchName) else { return }
            unsafe measuresAreOff = strcmp(value, "off") == 0
        }

        /// How often `needle`, and how often any eight neighbouring bytes of it, stand in the arena.
        ///
        /// - Parameter masked: the needle with each byte XORed with 0x5a, so that the search does not find itself; eight
        ///   bytes or more.
        public static func count(masked: [UInt8]) -> (full: Int, fragments: Int) {
            let windows = (0...max(0, masked.count - 8)).map { masked[$0..<($0 + 8)] }
            let needles = masked + windows.flatMap { $0 }
            let found = count(needles: needles, lengths: [UInt32(masked.count)] + windows.map { _ in 8 })
            return (Int(found[0]), found.dropFirst().reduce(0) { $0 + Int($1) })
        }

        /// How often each of many needles stands in the arena.
        ///
        /// - Parameters:
        ///   - needles: masked, one behind the other.
        ///   - lengths: bytes of each, eight or more.
        public static func count(needles: [UInt8], lengths: [UInt32]) -> [UInt32] {
            precondition(lengths.reduce(0) { $0 + Int($1) } == needles.count, "the needles' lengths add up")
            guard let search = unsafe memory_search_make(needles, lengths, lengths.count) else {
                preconditionFailure("a needle has eight bytes or more")
            }
            defer { unsafe memory_search_free(search) }
            var found = [UInt32](repeating: 0, count: lengths.count)
            unsafe Arena.forEachSegment { memory in
                unsafe memory_search_run(search, memory.baseAddress, memory.count, &found, nil, nil)
            }
            return found
        }

        /// Where the arena lies: the first address and the bytes of each segment.
        public static var segments: [(address: UInt, byteCount: Int)] {
            var segments: [(UInt, Int)] = []
            unsafe Arena.forEachSegment { memory in
                segments.append((UInt(bitPattern: memory.baseAddress), memory.count))
            }
            return segments
        }
    }
#endif
