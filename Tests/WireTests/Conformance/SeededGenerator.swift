/// Random numbers that are the same in each run, so that a failure comes again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func flag() -> Bool { next() & 1 == 1 }

    /// Small numbers and numbers of every length.
    mutating func number() -> UInt64 { next() >> UInt64.random(in: 0...63, using: &self) }

    /// Text of one to four bytes a character; empty now and then.
    mutating func text() -> String {
        let alphabet = Array("abcXYZ._-/ äß€語😀\u{0}\u{7F}\u{FFFF}\u{10FFFF}")
        let count = flag() ? Int.random(in: 0...6, using: &self) : Int.random(in: 0...200, using: &self)
        return String((0..<count).map { _ in alphabet.randomElement(using: &self) ?? "a" })
    }

    mutating func texts() -> [String] { (0..<Int.random(in: 0...4, using: &self)).map { _ in text() } }

    mutating func bytes(_ range: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: range, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    mutating func map() -> [String: String] {
        Dictionary((0..<Int.random(in: 0...4, using: &self)).map { _ in (text(), text()) }) { first, _ in first }
    }
}
