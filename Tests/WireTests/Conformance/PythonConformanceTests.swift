import Testing

@testable import Wire

@Suite("Messages agree with protoc's Python")
struct PythonConformanceTests {
    @Test func `random messages are written alike in both directions`() throws {
        var generator = SeededGenerator(seed: 21)
        var payloads: [(codec: Codec, bytes: [UInt8])] = []
        for codec in Codec.all {
            for _ in 0..<20 { payloads.append((codec, codec.random(&generator))) }
        }
        let answers = try PythonReencoder.reencode(payloads.map { ($0.codec.name, try $0.codec.ours($0.bytes)) })
        for (payload, answer) in zip(payloads, answers) {
            let agree = answer == payload.bytes
            #expect(agree, "\(payload.codec.name): \(hex(payload.bytes))")
        }
    }

    /// Also those with maps, which swift-protobuf cannot judge.
    @Test func `broken messages are refused alike, and what is read is the same`() throws {
        var generator = SeededGenerator(seed: 22)
        var payloads: [(codec: Codec, bytes: [UInt8])] = []
        for codec in Codec.all {
            for _ in 0..<60 {
                var bytes = codec.random(&generator)
                if let place = bytes.indices.randomElement(using: &generator) {
                    bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                }
                if generator.flag() { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator))) }
                payloads.append((codec, bytes))
            }
        }
        let answers = try PythonReencoder.reencode(payloads.map { ($0.codec.name, $0.bytes) })
        var refused = 0
        for (payload, answer) in zip(payloads, answers) {
            var ours: [UInt8]?
            do { ours = try payload.codec.ours(payload.bytes) } catch let error as Malformed {
                // C++, under Python's hood, stops without a word at a field number 0 and at the end of a group that
                // did not begin, as if the payload ended there.
                if error.fault == .fieldNumber || error.fault == .group { continue }
            }
            // Python keeps apart what means the same here; both go through the same canonical form.
            let theirs = try answer.map(payload.codec.theirs)
            let agree = ours == theirs
            #expect(
                agree,
                "\(payload.codec.name), \(ours == nil ? "refused here" : "read here"): \(hex(payload.bytes))"
            )
            if ours == nil { refused += 1 }
        }
        #expect(refused > 100 && refused < payloads.count - 100, "of \(payloads.count), \(refused) refused")
    }
}
