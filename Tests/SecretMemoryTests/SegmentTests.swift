import Testing

@testable import SecretMemory

@Suite("Segment")
struct SegmentTests {
    /// Segments are never given back; a leak checker is to see that they are held.
    nonisolated(unsafe) private static var kept: [Segment] = unsafe []

    @Test("runs of pages never overlap, are aligned, and one is found wherever there is one")
    func runs() throws {
        var refusal: LockRefusal?
        let pageCount = 256
        var segment = unsafe try Segment.map(
            byteCount: pageCount * Segment.pageBytes,
            best: .none,
            required: false,
            refusal: &refusal
        )
        unsafe Self.kept.append(segment)
        var taken = [Bool](repeating: false, count: pageCount)
        var runs: [Range<Int>] = []
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            if Int.random(in: 0..<100, using: &random) < 45, !runs.isEmpty {
                let run = runs.remove(at: .random(in: runs.indices, using: &random))
                unsafe segment.release(first: run.lowerBound, count: run.count)
                for page in run { taken[page] = false }
                continue
            }
            let count = Int.random(in: 1...20, using: &random)
            let alignment = [1, 1, 4, 16].randomElement(using: &random) ?? 1
            let expected = stride(from: 0, through: pageCount - count, by: alignment)
                .first { start in !taken[start..<(start + count)].contains(true) }
            let found = unsafe segment.take(count, alignment: alignment)
            try #require(found == expected, "\(count) pages at a multiple of \(alignment)")
            guard let start = found else { continue }
            for page in start..<(start + count) { taken[page] = true }
            runs.append(start..<(start + count))
            let free = unsafe segment.freePages
            #expect(free == taken.count { !$0 })
        }
    }
}
