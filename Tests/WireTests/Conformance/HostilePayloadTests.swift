import Testing

@testable import Wire

/// Whatever comes in a payload, it is read or refused, and refused exactly where swift-protobuf refuses it.
@Suite("Hostile payloads")
struct HostilePayloadTests {
    /// What became of a payload.
    private enum Outcome: Equatable {
        case read([UInt8])
        case refused
    }

    private func compare(_ codec: Codec, _ bytes: [UInt8]) {
        let ours: Outcome
        do { ours = .read(try codec.ours(bytes)) } catch {
            ours = .refused
            #expect(error is Malformed)
        }
        // An entry's field of an unexpected wire type is skipped here; swift-protobuf reads its value as fields.
        if codec.hasMap { return }
        let theirs = (try? codec.theirs(bytes)).map(Outcome.read) ?? .refused
        let agree = ours == theirs
        #expect(agree, "\(ours == .refused ? "refused here" : "read here"): \(hex(bytes))")
    }

    @Test("cut at every byte", arguments: Codec.all)
    func truncated(codec: Codec) {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2 {
            let bytes = codec.random(&generator)
            for count in 0..<min(bytes.count, 600) { compare(codec, Array(bytes.prefix(count))) }
        }
    }

    @Test("with every bit flipped", arguments: Codec.all)
    func flipped(codec: Codec) {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<2 {
            let bytes = codec.random(&generator)
            for bit in 0..<min(bytes.count * 8, 800) {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                compare(codec, changed)
            }
        }
    }

    @Test("of random bytes", arguments: Codec.all)
    func random(codec: Codec) {
        var generator = SeededGenerator(seed: 13)
        for _ in 0..<1000 { compare(codec, generator.bytes(0...40)) }
    }

    @Test("with bytes taken out, doubled and replaced", arguments: Codec.all)
    func mangled(codec: Codec) {
        var generator = SeededGenerator(seed: 14)
        for _ in 0..<150 {
            var bytes = codec.random(&generator) + [0]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0 where bytes.count > 1: bytes.remove(at: place)
                case 1: bytes.insert(bytes[place], at: place)
                default: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            compare(codec, bytes)
        }
    }

    @Test("that declare more than they hold", arguments: Codec.all)
    func hugeLengths(codec: Codec) {
        let lengths: [[UInt8]] = [
            [0x7F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ]
        for number in UInt8(1)...15 {
            for length in lengths { compare(codec, [number << 3 | 2] + length + [1, 2, 3]) }
        }
    }

    @Test("with groups nested without end", arguments: Codec.all)
    func deepGroups(codec: Codec) {
        for depth in [1, 98, 99, 100, 101, 5000] {
            let opened = [UInt8](repeating: 0x7B, count: depth)  // 15: a group begins
            compare(codec, opened)
            compare(codec, opened + [UInt8](repeating: 0x7C, count: depth))
            compare(codec, opened + [UInt8](repeating: 0x7C, count: depth + 1))
        }
    }
}
