/// What to search for: canaries in all their forms, whole and every eight neighbouring bytes of them.
struct Needles: Sendable {
    struct Meaning: Sendable, Hashable {
        let canary: String
        let form: Form
        let isFull: Bool
    }

    private(set) var meanings: [Meaning] = []
    private(set) var lengths: [UInt32] = []
    private(set) var masked: [UInt8] = []

    /// - Parameter others: what may be found as it is, so that what a needle has in common with one of these says nothing.
    init(_ canaries: [Canary], forms: [Form] = Form.allCases, besides others: [Canary] = []) {
        let known = Set(others.flatMap { $0.bytes.windows(of: 8) })
        for canary in canaries {
            for form in forms {
                for (parts, isFull) in [(form.encode(canary.bytes), true), (form.fragments(canary.bytes), false)] {
                    let meaning = Meaning(canary: canary.name, form: form, isFull: isFull)
                    for part in parts where known.isEmpty || !part.windows(of: 8).allSatisfy(known.contains) {
                        append(part, meaning)
                    }
                }
            }
        }
    }

    private mutating func append(_ bytes: [UInt8], _ meaning: Meaning) {
        meanings.append(meaning)
        lengths.append(UInt32(bytes.count))
        masked += bytes.map { $0 ^ 0x5a }
    }

    /// As both searchers read them.
    var request: [UInt8] {
        var request: [UInt8] = []
        request.reserveCapacity(4 + 4 * lengths.count + masked.count)
        for number in [UInt32(lengths.count)] + lengths {
            for shift in stride(from: 0, to: 32, by: 8) {
                request.append(UInt8(truncatingIfNeeded: number >> UInt32(shift)))
            }
        }
        return request + masked
    }
}
